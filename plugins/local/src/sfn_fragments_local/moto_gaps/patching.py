"""Finding and replacing attributes of moto; an error names the version when one is gone."""

from __future__ import annotations

import importlib
import sys
from importlib import metadata
from typing import Any, Final

from sfn_fragments.errors import FragmentsError

WRITTEN_FOR_MOTO: Final = "5.2.5"
"""The moto release whose gaps this package closes."""

_PARSER: Final = "moto.stepfunctions.parser."


class UnsupportedMotoError(FragmentsError):
    """The installed moto lacks an attribute that this package replaces."""

    def __init__(self, missing: str) -> None:
        """Name what is missing, the installed version and the way out."""
        super().__init__(
            f"moto {metadata.version('moto')} has no {missing}: the local engine was written for"
            f" moto {WRITTEN_FOR_MOTO}; install that version"
        )


def load(path: str) -> Any:
    """Return a module of moto's interpreter, or something in it.

    Args:
        path: ``package.module`` below ``moto.stepfunctions.parser``, or
            ``package.module:attribute.attribute``. A leading ``/`` names a module outside.

    Raises:
        UnsupportedMotoError: There is no such thing.
    """
    module_path, _, attributes = path.partition(":")
    module_name = module_path[1:] if module_path.startswith("/") else _PARSER + module_path
    try:
        found = importlib.import_module(module_name)
    except ImportError as error:
        raise UnsupportedMotoError(module_name) from error
    for attribute in filter(None, attributes.split(".")):
        try:
            found = getattr(found, attribute)
        except AttributeError:
            raise UnsupportedMotoError(f"{module_name}:{attributes}") from None
    return found


def replace(owner: Any, name: str, replacement: object) -> None:
    """Replace an attribute of a class or a module of moto.

    Args:
        owner: The class or module.
        name: The attribute, which must exist.
        replacement: Its new value.

    Raises:
        UnsupportedMotoError: The owner has no such attribute.
    """
    if not hasattr(owner, name):
        module = getattr(owner, "__module__", "")
        raise UnsupportedMotoError(f"{module}{':' if module else ''}{owner.__name__}.{name}")
    setattr(owner, name, replacement)


def replace_imported(original: object, replacement: object) -> None:
    """Replace a function in every module of the interpreter that imported it by name.

    Args:
        original: The function.
        replacement: What takes its place.
    """
    for module_name, module in list(sys.modules.items()):
        if not module_name.startswith(_PARSER):
            continue
        for name, value in list(vars(module).items()):
            if value is original:
                setattr(module, name, replacement)
