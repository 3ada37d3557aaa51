"""A site of all fragments that are installed.

- :mod:`sfn_fragments_authoring.catalogue.entries`: what is told of a fragment.
- :mod:`sfn_fragments_authoring.catalogue.gathering`: finds it out, plugin by plugin.
- :mod:`sfn_fragments_authoring.catalogue.example_runs`: runs examples, for their reports.
- :mod:`sfn_fragments_authoring.catalogue.pages`: the files of the site, from the templates beside.
- :mod:`sfn_fragments_authoring.catalogue.markup`: docstrings and code as HTML.
- :mod:`sfn_fragments_authoring.catalogue.folder`: writes the files, and only over its own.
"""
