"""Escaped characters in the arguments of intrinsic functions."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load, replace

_IntrinsicParser: Final = load("asl.parse.intrinsic.intrinsic_parser:IntrinsicParser")
_Preprocessor: Final = load("asl.parse.intrinsic.preprocessor:Preprocessor")
_ArgumentLiteral: Final = load("asl.component.intrinsic.argument.argument:ArgumentLiteral")
_StringFormat: Final = load(
    "asl.component.intrinsic.function.statesfunction.generic.string_format:StringFormat"
)

_parse: Final = _IntrinsicParser.parse
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_PLACEHOLDER: Final = re.compile(r"\\(.)|\{\}", re.DOTALL)


class _Template(str):
    """A text argument without its escapes, that remembers how it was written."""

    __slots__ = ("written",)
    written: str


def _parse_decoded(src: str) -> Any:
    # moto hands over the text as it stands in the JSON document, escapes included.
    try:
        return _parse(str(json.loads(f'"{src}"', strict=False)))
    except ValueError:
        return _parse(src)


def _visit_text(self: Any, ctx: Any) -> Any:  # noqa: ARG001 - a method in moto
    written = ctx.STRING().getText()[1:-1]
    text = _Template(_ESCAPED.sub(r"\1", written))
    text.written = written
    return _ArgumentLiteral(definition_value=text)


def _eval_format(self: Any, env: Any) -> None:
    self.argument_list.eval(env=env)
    template, *values = env.stack.pop()
    rest = iter([self._to_str_repr(value) for value in values])
    written = template.written if isinstance(template, _Template) else str(template)
    env.stack.append(_PLACEHOLDER.sub(lambda match: match.group(1) or next(rest), written))


def close() -> None:
    """Read an escaped quote, brace or backslash as the character that it stands for."""
    replace(_IntrinsicParser, "parse", staticmethod(_parse_decoded))
    replace(_Preprocessor, "visitFunc_arg_string", _visit_text)
    replace(_StringFormat, "_eval_body", _eval_format)
