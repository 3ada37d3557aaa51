"""What is known at synthesis of a value that an execution computes.

A value may be one of several texts, of each of which a beginning or the whole is known; it may
have fields, of which the same holds; and it may be anything else besides, where it comes from the
execution's input or from a service.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What CloudFormation looks up when it deploys: https://docs.aws.amazon.com/AWSCloudFormation/latest/
# UserGuide/dynamic-references.html
_DYNAMIC_REFERENCE = "{{resolve:"
# More texts than this are no longer told apart. It ends what a loop that grows a text would make.
_MOST_TEXTS = 16
# The same of objects: a variable that a loop puts into itself is larger in each round.
_MOST_FIELDS = 5_000
_MOST_LEVELS = 40


@dataclass(frozen=True)
class Known:
    """What is known of a text.

    Attributes:
        prefix: The text that it begins with.
        complete: Whether the prefix is the whole text.
    """

    prefix: str = ""
    complete: bool = False

    @property
    def pattern(self) -> str:
        """The text as IAM's patterns have it, with ``*`` for what is not known.

        A ``*`` or ``?`` of the text itself is the character: IAM has variables for these,
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html.
        """
        known, reference, _ = self.prefix.partition(_DYNAMIC_REFERENCE)
        literal = known.replace("*", "${*}").replace("?", "${?}")
        return literal if self.complete and not reference else f"{literal}*"


@dataclass(frozen=True)
class Value:
    """What is known of a value.

    Attributes:
        texts: The texts that it may be.
        fields: What is known of its fields, where it may be an object.
        open: Whether it may be anything else.
        absent: Whether it may not be there at all, where it is a field of an object.
    """

    texts: tuple[Known, ...] = ()
    fields: Mapping[str, Value] = field(default_factory=dict)
    open: bool = False
    absent: bool = False

    def field(self, name: str) -> Value:
        """A field of it, which is open where the value is."""
        known = self.fields.get(name, NOTHING)
        return joined([known, OPEN]) if self.open else known

    def spelled(self, parameter: str) -> str:
        """How it spells a parameter of a call, if it has it.

        Step Functions names parameters as the Java SDK does, which writes ``DbInstanceIdentifier``
        for the API's ``DBInstanceIdentifier``; no two parameters differ in capitals alone.

        Args:
            parameter: The parameter, as the API has it.
        """
        if parameter in self.fields:
            return parameter
        plain = parameter.casefold()
        return next((name for name in self.fields if name.casefold() == plain), parameter)

    def parameter(self, name: str) -> Value:
        """A parameter of a call, however it is spelled; open where the value is.

        Args:
            name: The parameter, as the API has it.
        """
        return self.field(self.spelled(name))


#: No value at all: what has not been computed yet, or makes the execution fail.
NOTHING = Value()
#: Any value.
OPEN = Value(open=True)


def text(prefix: str, *, complete: bool = True) -> Value:
    """A value that is a text of which this is known."""
    return Value((Known(prefix, complete),)) if prefix or complete else OPEN


def joined(values: Iterable[Value]) -> Value:
    """A value that is one of several; objects are joined field by field."""
    texts: dict[Known, None] = {}
    fields: dict[str, list[Value]] = {}
    is_open = is_absent = False
    objects = 0
    for value in values:
        texts |= dict.fromkeys(value.texts)
        is_open = is_open or value.open
        is_absent = is_absent or value.absent
        objects += bool(value.fields)
        for name, known in value.fields.items():
            fields.setdefault(name, []).append(known)
    if len(texts) > _MOST_TEXTS:
        texts, is_open = {}, True
    return Value(
        tuple(texts),
        {name: _field(each, everywhere=len(each) == objects) for name, each in fields.items()},
        is_open,
        is_absent,
    )


def _field(values: list[Value], *, everywhere: bool) -> Value:
    """A field of several objects, or of some of them."""
    value = values[0] if len(values) == 1 else joined(values)
    return value if everywhere or value.absent else replace(value, absent=True)


def bounded(value: Value) -> Value:
    """The value, or any value where it has more fields than can be told apart."""
    levels = [(value, 1)]
    count = 0
    while levels:
        one, level = levels.pop()
        count += 1
        if count > _MOST_FIELDS or level > _MOST_LEVELS:
            return OPEN
        levels += [(each, level + 1) for each in one.fields.values()]
    return value


def concatenated(parts: Iterable[Value]) -> Value:
    """The texts that come of putting texts one after the other."""
    found = [Known("", complete=True)]
    for part in parts:
        options = [*part.texts, *([Known()] if part.open or part.fields else [])]
        found = [
            Known(begun.prefix + option.prefix, option.complete) if begun.complete else begun
            for begun in found
            for option in (options if begun.complete else [Known()])
        ]
        found = list(dict.fromkeys(found))
        if len(found) > _MOST_TEXTS:
            return OPEN
    return joined(text(known.prefix, complete=known.complete) for known in found)
