"""Parsing of definitions: side by side, fields that moto's grammar refuses, escaped text."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load, replace

POINTER_MARK: Final = "#"
"""Parts the ``ItemsPointer`` from the ``InputType`` that carries it through moto's grammar."""

_Preprocessor: Final = load("asl.parse.preprocessor:Preprocessor")
_AmazonStateLanguageParser: Final = load("asl.parse.asl_parser:AmazonStateLanguageParser")
_AssignDecl: Final = load("asl.component.common.assign.assign_decl:AssignDecl")
_ChoiceRule: Final = load("asl.component.state.choice.choice_rule:ChoiceRule")

_parse: Final = _AmazonStateLanguageParser.parse
_inner_string_of: Final = _Preprocessor._inner_string_of
_open_query_language_scope: Final = _Preprocessor._open_query_language_scope
_visit_rule: Final = _Preprocessor.visitChoice_rule_comparison_variable


def _init(self: Any) -> None:
    # moto shares this list between all instances: parallel executions parse at the same time, and
    # a definition that does not parse leaves its scope behind.
    self._query_language_per_scope = []


def _open_scope(self: Any, parse_tree: Any) -> None:
    # A state that names no query language has that of the whole state machine, not that of the
    # Map or Parallel state around it.
    scopes = self._query_language_per_scope
    self._query_language_per_scope = scopes[:1]
    try:
        _open_query_language_scope(self, parse_tree)
        scopes.append(self._query_language_per_scope[-1])
    finally:
        self._query_language_per_scope = scopes


def _unescaped_string(parser_rule_context: Any) -> str | None:
    text: str | None = _inner_string_of(parser_rule_context)
    if text is None or "\\" not in text:
        return text
    try:
        value = json.loads(f'"{text}"', strict=False)
    except ValueError:
        return text
    return str(value)


def _visit_rule_with_assign(self: Any, ctx: Any) -> Any:
    rule = _visit_rule(self, ctx)
    if rule.assign is None:
        for child in ctx.children:
            component = self.visit(child)
            if isinstance(component, _AssignDecl):
                rule.assign = component
    return rule


def _eval_rule(self: Any, env: Any) -> None:
    self.comparison.eval(env)
    is_true = env.stack[-1]
    if not is_true:
        return
    if self.assign:
        # Paths of the assignment refer to the state's input, not to the outcome of the rule.
        env.stack.append(env.states.get_input())
        self.assign.eval(env=env)
        env.stack.pop()
    if self.output:
        self.output.eval(env=env)


def _rewrite(value: Any) -> bool:
    """Change in place what moto's grammar refuses, and tell whether anything was."""
    changed = False
    if isinstance(value, dict):
        percentage = value.get("ToleratedFailurePercentage")
        if isinstance(percentage, int) and not isinstance(percentage, bool):
            value["ToleratedFailurePercentage"] = float(percentage)
            changed = True
        reader = value.get("ReaderConfig")
        if isinstance(reader, dict) and isinstance(reader.get("ItemsPointer"), str):
            pointer = reader.pop("ItemsPointer")
            reader["InputType"] = f"{reader.get('InputType')}{POINTER_MARK}{pointer}"
            changed = True
        for member in value.values():
            changed |= _rewrite(member)
    elif isinstance(value, list):
        for member in value:
            changed |= _rewrite(member)
    return changed


# A parse takes up to a second for a large definition; every execution of a machine repeats it.
@lru_cache(maxsize=64)
def _parse_once(definition: str) -> Any:
    try:
        document = json.loads(definition)
    except ValueError:
        return _parse(definition)  # moto reports the place
    return _parse(json.dumps(document) if _rewrite(document) else definition)


def _parse_definition(definition: str) -> Any:
    return _parse_once(definition)


def close() -> None:
    """Accept every definition that AWS accepts, in parallel, and parse each of them once."""
    replace(_Preprocessor, "_query_language_per_scope", None)
    _Preprocessor.__init__ = _init
    replace(_Preprocessor, "_open_query_language_scope", _open_scope)
    replace(_Preprocessor, "_inner_string_of", staticmethod(_unescaped_string))
    replace(_Preprocessor, "visitChoice_rule_comparison_variable", _visit_rule_with_assign)
    replace(_ChoiceRule, "_eval_body", _eval_rule)
    replace(_AmazonStateLanguageParser, "parse", staticmethod(_parse_definition))
