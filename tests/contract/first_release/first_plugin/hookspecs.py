"""A hook of its own."""

from sfn_fragments import hookspec


@hookspec
def sfn_fragments_first_sizes(scale):
    """Add sizes in bytes, multiplied by a scale."""
