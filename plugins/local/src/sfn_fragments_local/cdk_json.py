"""The context of ``cdk.json`` for apps that are made in tests.

``App()`` reads no ``cdk.json``: that is the work of the CDK CLI. An app that a test makes has no
feature flags, then, and other resources than the one that is deployed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfn_fragments.errors import FragmentsError

if TYPE_CHECKING:
    from aws_cdk import App


class CdkJsonError(FragmentsError):
    """There is no ``cdk.json``, or it cannot be read."""


def app_from_cdk_json(path: str | Path = "cdk.json", **options: Any) -> App:
    """A CDK app with the context that the CDK CLI would give it.

    That is ``context`` of ``cdk.json``, feature flags above all, and what the CLI has looked up
    and keeps in the ``cdk.context.json`` beside it.

    Args:
        path: The ``cdk.json``, or the folder that holds it.
        options: Arguments of ``aws_cdk.App``; values of ``context`` come before those of files.

    Returns:
        The app.

    Raises:
        CdkJsonError: There is no such file, or it holds no JSON object.

    Examples:
        >>> from sfn_fragments_local import app_from_cdk_json
        >>> app = app_from_cdk_json("cdk.json")  # doctest: +SKIP
        >>> ImagingStack(app, "Imaging")  # doctest: +SKIP
    """
    from sfn_fragments.node import ensure_node

    ensure_node()
    from aws_cdk import App

    context = {**cdk_context(path), **(options.pop("context", None) or {})}
    return App(**{"analytics_reporting": False, **options, "context": context})


def cdk_context(path: str | Path = "cdk.json") -> dict[str, Any]:
    """The context that the CDK CLI gives an app.

    Args:
        path: The ``cdk.json``, or the folder that holds it.

    Raises:
        CdkJsonError: There is no such file, or it holds no JSON object.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "cdk.json"
    context: dict[str, Any] = dict(_read(file).get("context") or {})
    looked_up = file.parent / "cdk.context.json"
    return {**context, **_read(looked_up)} if looked_up.exists() else context


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CdkJsonError(
            f"{str(file)!r} cannot be read: {error.strerror}; give the path of the app's cdk.json"
        ) from error
    except ValueError as error:
        raise CdkJsonError(f"{str(file)!r} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise CdkJsonError(f"{str(file)!r} holds no JSON object")
    return content
