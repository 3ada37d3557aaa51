"""The program of the launch server: ``python start.py DESCRIPTOR [MODULE ...]``."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType


def _serve(arguments: list[str]) -> None:
    # The package itself imports the framework, which would take longer than all of this.
    package = ModuleType("sfn_fragments_local")
    package.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.modules[package.__name__] = package
    from sfn_fragments_local.launching.launch_server import main

    main(arguments)


if __name__ == "__main__":
    # Reversed by what a copy of this interpreter is to run: see warm_python.
    _run = None
    try:
        _serve(sys.argv[1:])
    except BaseException as _error:
        _run = getattr(_error, "run_module", None)
        if _run is None:
            raise
    if _run is not None:
        _run()
