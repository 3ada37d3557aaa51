"""Reference paths: the part of JSONPath by which a state names a place in its data.

https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
"""

from __future__ import annotations

import re

from sfn_fragments_asl.model.paths import QUOTED, ROOT

# Bracketed parts may hold periods and quotes of their own: they are kept to the letter. Whether a
# part is well formed is asked where a path is used; here surplus periods and roots are dropped.
_PART = re.compile(rf"\[(?:{QUOTED.pattern}|[^\]])*\]|[^.\[]+")


# No path goes on with a digit, as prices do, nor with a blank; CDK's tokens go on with a brace.
_DYNAMIC = re.compile(r"\$(?![{\d\s])|States\.")


def is_dynamic(value: object) -> bool:
    """Whether Step Functions computes the value: a reference path or an intrinsic function.

    Args:
        value: Anything; only strings can be dynamic.

    Returns:
        True for strings that begin as a path or with ``States.``.

    Examples:
        >>> is_dynamic("$.a"), is_dynamic("States.UUID()"), is_dynamic("a"), is_dynamic("$100")
        (True, True, False, False)
    """
    return isinstance(value, str) and _DYNAMIC.match(value) is not None


def sanitized(path: str) -> str:
    """A path without the root of the input, and without surplus periods.

    Args:
        path: A path. The roots of the context object and of variables stay.

    Returns:
        The path.

    Examples:
        >>> sanitized("$.a..b."), sanitized("$"), sanitized("$name.x")
        ('a.b', '', '$name.x')
    """
    root, rest = split_root(path)
    if root in ("", "$"):
        return rest
    separator = "" if not rest or rest.startswith("[") else "."
    return f"{root}{separator}{rest}"


def split_root(path: str) -> tuple[str, str]:
    """Split a path into its root and the rest, without surplus periods.

    Args:
        path: A path, with or without a root.

    Returns:
        The root, empty if it has none, and the rest.

    Examples:
        >>> split_root("$$.Execution..Name"), split_root("a.b")
        (('$$', 'Execution.Name'), ('', 'a.b'))
    """
    root = ""
    # "$.$.a" comes of joining whole references by hand; the inner roots mean nothing.
    while match := ROOT.match(path):
        root = root or match.group()
        path = path[match.end() :].lstrip(".")
    parts = ""
    for part in _PART.findall(path):
        # Of a key, as `as_key` writes it, or of a whole reference in the middle.
        if not part.strip("$"):
            continue
        parts += part if not parts or part.startswith("[") else f".{part}"
    return root, parts
