"""The hooks that this plugin brings; imported by every command, and so without ``aws_cdk``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sfn_fragments import hookspec

if TYPE_CHECKING:
    from acme_fragments.carriers import Carrier


@hookspec
def sfn_fragments_acme_carriers() -> Iterable[Carrier]:
    """Add carriers that deliver for Acme.

    Called whenever ``acme_fragments.carriers.carriers()`` is. Import ``acme_fragments`` inside the
    function: it need not be installed.
    """
