"""A site of all fragments that are installed.

- `sfn_fragments_authoring.catalogue.entries`: what is told of a fragment.
- `sfn_fragments_authoring.catalogue.gathering`: finds it out, plugin by plugin.
- `sfn_fragments_authoring.catalogue.example_runs`: runs examples, for their reports.
- `sfn_fragments_authoring.catalogue.pages`: the files of the site, from the templates beside.
- `sfn_fragments_authoring.catalogue.markup`: docstrings and code as HTML.
- `sfn_fragments_authoring.catalogue.folder`: writes the files, and only over its own.
"""
