"""Processes that see a container and not the machine: jobs and functions of the engine.

``launcher``, ``image`` and ``isolation`` are the engine's side. The other modules run in the launch
server and in what it forks, and import the standard library only.
"""

#: What the engine sends to the first process of a container to have its command asked to end.
TERMINATE = b"T"

#: Folders of temporary files, which the machine has and each container has anew.
TEMPORARY_FOLDERS = ("/tmp", "/var/tmp")  # noqa: S108 - their names: no predictable file is made there
