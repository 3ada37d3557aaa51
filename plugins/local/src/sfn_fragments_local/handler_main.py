"""Runs the entry point of the published handlers, as ``python -m``, with STS as AWS has it.

Batch on EC2 sets no region. Where AWS's own endpoint is asked, STS has a global one, which boto3
takes then; for an endpoint that is configured, as that of the engine, it wants a region. Other
services want one in both cases.
"""

from __future__ import annotations

import runpy
from typing import Any, Final

from botocore.session import Session

from sfn_fragments_local.handler_runner import ENTRY_POINT

#: Region that requests to the global endpoint of STS are signed for.
_GLOBAL: Final = "us-east-1"

_create_client: Final = Session.create_client


def _create(
    self: Session, service_name: str, region_name: str | None = None, *rest: Any, **given: Any
) -> Any:
    if service_name == "sts" and region_name is None and not self.get_config_variable("region"):
        region_name = _GLOBAL
    return _create_client(self, service_name, region_name, *rest, **given)


def main() -> None:
    """Become the entry point."""
    Session.create_client = _create
    runpy.run_module(ENTRY_POINT, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
