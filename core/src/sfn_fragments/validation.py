"""Rules for the parameters of constructs: what cannot work is told before anything is made.

A rule looks at one value, and returns what to give instead, or ``None`` where the value can work.
A constructor applies its rules to all of its parameters, adds what is wrong with several of them
together, and raises everything at once.

Only literals are judged: of reference paths and intrinsic functions the form alone, of CDK tokens
nothing, since their values are known later.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sfn_fragments.errors import InvalidParametersError, InvalidValue
from sfn_fragments.utils.reference_path import JsonReferencePath, is_dynamic
from sfn_fragments_asl.model.intrinsics import dynamic_problem
from sfn_fragments_asl.model.paths import parse_path, path_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Looks at a value; returns what to give instead, or ``None``.
Rule = Callable[[Any], str | None]

# What a lookup gives before its value is known stands for it, as tokens do.
_TOKENS = re.compile(r"[$#]\{Token\[|^dummy-value-for-")
# CDK encodes numbers that are known later as impossibly large negative ones.
_NUMBER_TOKEN = -1e280
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PATH_REMEDY = "give a path such as $.a.b, or $ for all"


def problems_of(given: Mapping[str, Any], rules: Mapping[str, Rule]) -> list[InvalidValue]:
    """Apply rules to parameters.

    Args:
        given: Name of each parameter, and its value.
        rules: Name of a parameter, and its rule; those that are not given are passed over.

    Returns:
        The problems, in the order of the rules.

    Examples:
        >>> [str(one) for one in problems_of({"days": -1}, {"days": number(0)})]
        ['days: -1: give a number of 0 or more']
    """
    return [
        InvalidValue(name, given[name], remedy)
        for name, rule in rules.items()
        if name in given and (remedy := rule(given[name])) is not None
    ]


def refuse(subject: str, problems: Sequence[InvalidValue]) -> None:
    """Raise the problems, if there are any.

    Args:
        subject: What the parameters are for.
        problems: All that was found.

    Raises:
        InvalidParametersError: There are problems.
    """
    if problems:
        raise InvalidParametersError(subject, problems)


def require(subject: str, given: Mapping[str, Any], rules: Mapping[str, Rule]) -> None:
    """Apply rules to parameters, and raise what they find.

    Args:
        subject: What the parameters are for.
        given: Name of each parameter, and its value.
        rules: Name of a parameter, and its rule.

    Raises:
        InvalidParametersError: Some parameters cannot work; all of them are named.
    """
    refuse(subject, problems_of(given, rules))


@contextmanager
def naming_taken_ids(subject: str, id: str) -> Iterator[None]:
    """Turn CDK's refusal of an id that its scope has already into this library's error.

    To ask CDK first would cost a round trip to Node for each construct.

    Args:
        subject: What is being made.
        id: Its id.

    Yields:
        Nothing.

    Raises:
        InvalidParametersError: The scope has a construct with this id.
    """
    try:
        yield
    except RuntimeError as error:
        if "already a construct with name" not in str(error).lower():
            raise
        remedy = "the scope has it already: give an id that is unique there"
        raise InvalidParametersError(subject, [InvalidValue("id", id, remedy)]) from None


def is_token(value: object) -> bool:
    """Whether CDK puts another value in the place of this one at synthesis.

    Args:
        value: Anything.

    Returns:
        True for encoded texts, lists and numbers, and for objects that CDK resolves.
    """
    if isinstance(value, str):
        return _TOKENS.search(value) is not None
    if isinstance(value, float):
        return value < _NUMBER_TOKEN and math.isfinite(value)
    if isinstance(value, list | tuple):
        return len(value) == 1 and isinstance(value[0], str) and "#{Token[" in value[0]
    # Both, since a path of the file system can be resolved too.
    return _has(value, "resolve", "creation_stack")


def _has(value: object, *attributes: str) -> bool:
    """Whether an object has attributes, told without asking Node."""
    own = getattr(value, "__dict__", {})
    # What CDK returns as an interface is a proxy, which hands on to these.
    kinds = [type(one) for one in (value, *own.get("_delegates", ()))]
    return all(name in own or any(hasattr(kind, name) for kind in kinds) for name in attributes)


def is_literal(value: object) -> bool:
    """Whether a value is known as it stands: no token, no path, no intrinsic function."""
    return not is_token(value) and not is_dynamic(value)


def optional(rule: Rule) -> Rule:
    """A rule that lets ``None`` pass."""
    return lambda value: None if value is None else rule(value)


def computable(rule: Rule, *, single: bool = False) -> Rule:
    """A rule for literals; a token passes, and so does a well-formed path or intrinsic.

    Args:
        rule: The rule of a literal.
        single: Whether the value is one text or number, so that a path that may find several
            places cannot be meant.
    """

    def check(value: Any) -> str | None:
        return (
            malformed(value, single=single)
            if isinstance(value, str) and not is_literal(value)
            else (None if is_token(value) else rule(value))
        )

    return check


def malformed(value: str, *, single: bool = False) -> str | None:
    """What to give instead of a path or an intrinsic function that AWS would refuse.

    Args:
        value: A text.
        single: Whether a path that may find several places is refused too: what it finds is a
            list.
    """
    if is_token(value) or not is_dynamic(value):
        return None
    problem = dynamic_problem(value)
    if problem is None:
        if single and value.startswith("$") and parse_path(value).finds_several:
            return "it may find several places: give a path to one, such as $.a.b or $.a[0]"
        return None
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return (
        f"{problem}; give a path such as $.a.b, an intrinsic function, or, for the text itself, "
        f"States.Format('{quoted}')"
    )


def text(what: str = "a text", *, longest: int | None = None, pattern: str | None = None) -> Rule:
    """A rule for a text that is not empty.

    Args:
        what: What it is, for the remedy.
        longest: The most characters that it may have.
        pattern: Regular expression that it must match as a whole.
    """

    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return f"give {what}"
        if not value.strip():
            return f"give {what} that is not empty"
        if is_token(value):
            return None
        if _CONTROL.search(value) or not _encodable(value):
            return f"give {what} without control characters and lone surrogates"
        if longest is not None and len(value) > longest:
            return f"give {what} of at most {longest} characters; this one has {len(value)}"
        if pattern is not None and not re.fullmatch(pattern, value):
            return f"give {what} that matches {pattern}"
        return None

    return check


def choice(*choices: object) -> Rule:
    """A rule for one of a few values."""
    remedy = "give " + " or ".join(map(repr, choices))

    def check(value: Any) -> str | None:
        # Not `in`: 1 is equal to True.
        return None if any(type(value) is type(one) and value == one for one in choices) else remedy

    return check


#: A rule for a bool.
flag: Rule = choice(True, False)


def number(
    lowest: float, highest: float = math.inf, *, whole: bool = False, unit: str = ""
) -> Rule:
    """A rule for a number.

    Args:
        lowest: The least that it may be.
        highest: The most that it may be.
        whole: Whether it must have no fraction.
        unit: Its unit, for the remedy.
    """
    kind = "a whole number" if whole else "a number"
    limits = f"{lowest:,} or more" if highest == math.inf else f"{lowest:,} to {highest:,}"
    remedy = f"give {kind} of {limits}{f' {unit}' if unit else ''}"

    def check(value: Any) -> str | None:
        if is_token(value):
            return None
        # A bool is an int, and as a number a mistake.
        if isinstance(value, bool) or not isinstance(value, int | float):
            return remedy
        if not math.isfinite(value) or (whole and value != int(value)):
            return remedy
        return None if lowest <= value <= highest else remedy

    return check


def data_path(value: Any) -> str | None:
    """A rule for a path that may find any number of places, as ``InputPath`` takes it."""
    return _path(value, single=False)


def result_path(value: Any) -> str | None:
    """A rule for where a result goes: a Reference Path into the input; ``None`` discards it."""
    if value is None:
        return None
    remedy = _path(value, single=True)
    if remedy is None and not is_token(value) and not re.match(r"\$(?![\w$])", value):
        return "give a path into the input, such as $.result, or $ for all of it"
    return remedy


def place(value: Any) -> str | None:
    """A rule for a place in an object: a Reference Path with or without its root."""
    if isinstance(value, JsonReferencePath):
        value = value.as_reference
    elif isinstance(value, str) and value and not value.startswith("$"):
        value = f"${value}" if value.startswith("[") else f"$.{value}"
    return _path(value, single=True)


def _path(value: Any, *, single: bool) -> str | None:
    if not isinstance(value, str) or not value:
        return _PATH_REMEDY
    if is_token(value):
        return None
    problem = path_problem(value, single=single)
    if problem is None and not _encodable(value):
        problem = "it holds a lone surrogate"
    return None if problem is None else f"{problem}; {_PATH_REMEDY}"


def json_data(value: Any) -> str | None:
    """A rule for data that JSON can hold, with well-formed paths at any depth."""
    try:
        return _json_problem(value)
    except RecursionError:
        return "it is nested too deep: give fewer levels"


def _json_problem(value: Any) -> str | None:
    """What to give instead of data that a state cannot hold; ``None`` for what it can."""
    if value is None or isinstance(value, bool | int) or is_token(value):
        return None
    if isinstance(value, str):
        return malformed(value) or (None if _encodable(value) else "leave out lone surrogates")
    if isinstance(value, float):
        return None if math.isfinite(value) else "JSON has no such number: give a finite one"
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) and key and _encodable(key) for key in value):
            return f"give texts that are not empty as keys, not {list(value)!r:.60}"
        found = map(_json_problem, value.values())
    elif isinstance(value, list | tuple):
        found = map(_json_problem, value)
    else:
        return f"JSON holds no {type(value).__name__}: give objects, lists, texts and numbers"
    return next((remedy for remedy in found if remedy is not None), None)


def json_object(value: Any) -> str | None:
    """A rule for an object of JSON."""
    return json_data(value) if isinstance(value, Mapping) else "give an object (a dict)"


def instance(what: str, *attributes: str) -> Rule:
    """A rule for a construct or another object of CDK.

    Args:
        what: What it is, for the remedy.
        *attributes: What its class must have. Looked up without asking Node.
    """
    return lambda value: None if value is not None and _has(value, *attributes) else f"give {what}"


def named_or(what: str, attribute: str, rule: Rule) -> Rule:
    """A rule for a construct that may be given by its name instead."""
    construct = instance(what, attribute)
    return lambda value: rule(value) if isinstance(value, str) else construct(value)


#: A rule for states that can be chained: a state, a chain, a fragment.
chainable = instance("a state, a chain or a fragment", "start_state", "end_states")


def listed(what: str, rule: Rule, *, least: int = 0, most: int | None = None) -> Rule:
    """A rule for a list whose items follow a rule.

    Args:
        what: What it lists, for the remedy.
        rule: The rule of an item.
        least: The least number of items.
        most: The greatest number of items.
    """

    def check(value: Any) -> str | None:
        if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
            return f"give a list of {what}"
        if len(value) < least or (most is not None and len(value) > most):
            return f"give {least} to {most} {what}" if most else f"give {least} or more {what}"
        found = ((index, rule(item)) for index, item in enumerate(value))
        return next((f"item {index}: {remedy}" for index, remedy in found if remedy), None)

    return check


def construct_id(value: Any) -> str | None:
    """A rule for the id of a construct."""
    if isinstance(value, str) and is_token(value):
        return "give an id that is known at synthesis: no token"
    return text("an id")(value)


def scope_rule(value: Any) -> str | None:
    """A rule for the scope of a fragment: a construct below a stack."""
    from aws_cdk import Stage
    from constructs import Construct

    if isinstance(value, Construct) and not isinstance(value, Stage):
        return None
    return "give the stack, or a construct in it"


def env_base_rule(value: Any) -> str | None:
    """A rule for an environment base."""
    from sfn_fragments.environment import EnvBase

    if not isinstance(value, EnvBase):
        return "give an EnvBase, such as EnvBase('dev-x')"
    return None if value.isascii() else "give one without accents: it begins the names of jobs"


#: The rules of what every fragment takes.
FRAGMENT_RULES: Mapping[str, Rule] = {
    "scope": scope_rule,
    "id": construct_id,
    "env_base": env_base_rule,
}


def fragment_problems(scope: Any, id: Any, env_base: Any) -> list[InvalidValue]:
    """What is wrong with the parameters that every fragment takes.

    Args:
        scope: The construct that holds the fragment.
        id: Its id.
        env_base: Environment base.

    Returns:
        The problems; a fragment adds those of its own parameters, and raises all of them before
        it makes anything.
    """
    return problems_of({"scope": scope, "id": id, "env_base": env_base}, FRAGMENT_RULES)


def prefixed_name(what: str, env_base: Any, longest: int, pattern: str, *, room: int = 0) -> Rule:
    """A rule for a name that gets the environment base before it.

    Args:
        what: What it names, for the remedy.
        env_base: Environment base.
        longest: The most characters of the whole.
        pattern: Regular expression that the name must match.
        room: Characters that are put behind it.
    """
    plain = text(what, pattern=pattern)

    def check(value: Any) -> str | None:
        remedy = plain(value)
        if remedy is not None or is_token(value):
            return remedy
        prefixed = value if env_base_rule(env_base) else env_base.prefixed(value)
        length = len(prefixed) + room
        if length > longest:
            return (
                f"give {what} that is {length - longest} characters shorter: with all that is "
                f"put around it, it has {length}, and AWS takes {longest}"
            )
        return None

    return check


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def items_of(value: Iterable[Any] | None) -> Any:
    """An iterable as a list, so that it can be looked at more than once; else as it is."""
    if value is None or isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        return value
    return list(value)
