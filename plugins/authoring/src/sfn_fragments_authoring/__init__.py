"""Scaffolds, inspects and tests plugins; `sfn_fragments_authoring.testing` has the suites."""
