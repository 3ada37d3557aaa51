"""Evaluates the intrinsic functions of templates, as CloudFormation does.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Protocol

from sfn_fragments_local.deployment.coercion import as_text
from sfn_fragments_local.deployment.errors import UnusableValueError

#: What ``AWS::NoValue`` gives; whatever holds it loses the entry.
NO_VALUE = object()

_SUB_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")


class Scope(Protocol):
    """Where the values of a template come from.

    Each method raises `UnusableValueError` where there is no value.
    """

    region: str

    def ref(self, name: str) -> Any:
        """What ``Ref`` gives: of a parameter, a pseudo parameter or a resource."""

    def attribute(self, logical_id: str, name: str) -> Any:
        """An attribute of a resource."""

    def condition(self, name: str) -> bool:
        """Whether a condition of the template is true."""

    def mapping(self, name: str) -> Mapping[str, Any]:
        """A mapping of the template."""

    def exported(self, name: str) -> Any:
        """What another stack exports under a name."""

    def stack_output(self, stack: str, output: str) -> Any:
        """An output of another stack."""

    def dynamic(self, text: str) -> str:
        """A text without dynamic references (``{{resolve:...}}``)."""


def evaluated(node: Any, scope: Scope, place: str = "") -> Any:
    """A part of a template with every function in it replaced by its value.

    Args:
        node: The part.
        scope: Where values come from.
        place: Where it is, for errors.

    Returns:
        Its value; `NO_VALUE` where there is none.

    Raises:
        UnusableValueError: A function is wrong, or refers to what is not there.
    """
    if isinstance(node, str):
        return _without_dynamic(node, scope, place)
    if isinstance(node, list):
        items = [evaluated(one, scope, f"{place}[{n}]") for n, one in enumerate(node)]
        return [one for one in items if one is not NO_VALUE]
    if not isinstance(node, Mapping):
        return node
    if (name := function_of(node)) is not None:
        return _called(name, node[name], scope, place)
    entries = {
        key: evaluated(one, scope, f"{place}.{key}" if place else str(key))
        for key, one in node.items()
    }
    return {key: one for key, one in entries.items() if one is not NO_VALUE}


def condition_holds(node: Any, scope: Scope, place: str) -> bool:
    """Whether a condition is true.

    Args:
        node: Its definition.
        scope: Where values come from.
        place: Where it is, for errors.

    Raises:
        UnusableValueError: It is none, or refers to what is not there.
    """
    if isinstance(node, Mapping) and len(node) == 1:
        ((name, given),) = node.items()
        if name == "Condition":
            return scope.condition(given)
        if name == "Fn::Equals" and isinstance(given, list) and len(given) == 2:
            left, right = (evaluated(one, scope, place) for one in given)
            return as_text(left) == as_text(right)
        if name == "Fn::Not" and isinstance(given, list) and len(given) == 1:
            return not condition_holds(given[0], scope, place)
        if name in ("Fn::And", "Fn::Or") and isinstance(given, list):
            several = all if name == "Fn::And" else any
            return several([condition_holds(one, scope, place) for one in given])
    text = as_text(node) if isinstance(node, str | bool) else None
    if text in ("true", "false"):
        return text == "true"
    raise UnusableValueError(
        f"{node!r} is no condition; give Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition", place
    )


def function_of(node: Mapping[str, Any]) -> str | None:
    """The intrinsic function that an object of a template calls; None if it is plain.

    Args:
        node: The object.
    """
    if len(node) != 1:
        return None
    (name,) = node
    return name if name == "Ref" or str(name).startswith("Fn::") else None


def sub_variables(text: str) -> list[str]:
    """The variables of the text of an ``Fn::Sub``.

    Args:
        text: The text.
    """
    return [name.strip() for literal, name in _SUB_VARIABLE.findall(text) if not literal]


def target_of(given: Any) -> tuple[Any, Any]:
    """Resource and attribute of an ``Fn::GetAtt``, in either way of writing it.

    Args:
        given: Its argument.
    """
    if isinstance(given, str):
        resource, _, attribute = given.partition(".")
        return resource, attribute
    return given[0], given[1]


def _called(name: str, given: Any, scope: Scope, place: str) -> Any:
    function = _FUNCTIONS.get(name)
    if function is None:
        raise UnusableValueError(
            f"{name} is not known to the engine; deploy a template that does without it, such as "
            "a synthesized one",
            place,
        )
    try:
        return function(given, scope, place)
    except UnusableValueError as problem:
        # The innermost place is the most telling.
        raise UnusableValueError(problem.message, problem.place or place) from None
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        shown = json.dumps({name: given}, default=str)
        raise UnusableValueError(f"{shown[:300]} cannot be evaluated: {error}", place) from error


def _ref(given: Any, scope: Scope, _place: str) -> Any:
    return NO_VALUE if given == "AWS::NoValue" else scope.ref(given)


def _get_att(given: Any, scope: Scope, place: str) -> Any:
    resource, attribute = target_of(given)
    return scope.attribute(resource, as_text(evaluated(attribute, scope, place)))


def _if(given: Any, scope: Scope, place: str) -> Any:
    condition, when_true, when_false = given
    return evaluated(when_true if scope.condition(condition) else when_false, scope, place)


def _join(given: Any, scope: Scope, place: str) -> str:
    separator, parts = given
    return str(separator).join(as_text(one) for one in _list(parts, scope, place))


def _sub(given: Any, scope: Scope, place: str) -> str:
    text, own = (given, {}) if isinstance(given, str) else given
    values = {key: evaluated(one, scope, place) for key, one in own.items()}

    def replaced(match: re.Match[str]) -> str:
        literal, name = match[1], match[2].strip()
        if literal:
            return "${" + name + "}"
        if name in values:
            return as_text(values[name])
        resource, dot, attribute = name.partition(".")
        return as_text(scope.attribute(resource, attribute) if dot else scope.ref(name))

    substituted = _SUB_VARIABLE.sub(replaced, text)
    return _without_dynamic(substituted, scope, place)


def _without_dynamic(text: str, scope: Scope, place: str) -> str:
    if "{{resolve:" not in text:
        return text
    try:
        return scope.dynamic(text)
    except UnusableValueError as problem:
        raise UnusableValueError(problem.message, problem.place or place) from problem


def _find_in_map(given: Any, scope: Scope, place: str) -> Any:
    name, *keys = (evaluated(one, scope, place) for one in given[:3])
    default = given[3].get("DefaultValue") if len(given) > 3 else None
    value: Any = scope.mapping(name)
    for key in (as_text(one) for one in keys):
        if key not in value:
            if default is not None:
                return evaluated(default, scope, place)
            raise UnusableValueError(
                f"mapping {name!r} has no {key!r}; it has {', '.join(map(str, value))}", place
            )
        value = value[key]
    return value


def _select(given: Any, scope: Scope, place: str) -> Any:
    index, values = evaluated(given[0], scope, place), _list(given[1], scope, place)
    number = int(index)
    if not 0 <= number < len(values):
        raise UnusableValueError(f"Fn::Select: there is no item {number} in {values!r}", place)
    return values[number]


def _split(given: Any, scope: Scope, place: str) -> list[str]:
    return as_text(evaluated(given[1], scope, place)).split(given[0])


def _get_azs(given: Any, scope: Scope, place: str) -> list[str]:
    region = as_text(evaluated(given, scope, place)) or scope.region
    return [f"{region}{letter}" for letter in "abc"]


def _import_value(given: Any, scope: Scope, place: str) -> Any:
    return scope.exported(as_text(evaluated(given, scope, place)))


def _get_stack_output(given: Any, scope: Scope, place: str) -> Any:
    named = evaluated(given, scope, place)
    return scope.stack_output(named["StackName"], named["OutputName"])


def _base64(given: Any, scope: Scope, place: str) -> str:
    return base64.b64encode(as_text(evaluated(given, scope, place)).encode()).decode()


def _to_json_string(given: Any, scope: Scope, place: str) -> str:
    return json.dumps(evaluated(given, scope, place), separators=(",", ":"))


def _length(given: Any, scope: Scope, place: str) -> int:
    return len(_list(given, scope, place))


def _cidr(given: Any, scope: Scope, place: str) -> list[str]:
    block, count, *bits = (evaluated(one, scope, place) for one in given)
    network = ipaddress.ip_network(block)
    prefix = network.max_prefixlen - int(bits[0] if bits else 8)
    return [str(one) for one in islice(network.subnets(new_prefix=prefix), int(count))]


def _list(given: Any, scope: Scope, place: str) -> list[Any]:
    value = evaluated(given, scope, place)
    if not isinstance(value, list):
        raise UnusableValueError(f"{given!r} is no list", place)
    return value


_FUNCTIONS: Mapping[str, Callable[[Any, Scope, str], Any]] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::GetAtt": _get_att,
    "Fn::GetStackOutput": _get_stack_output,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json_string,
}
