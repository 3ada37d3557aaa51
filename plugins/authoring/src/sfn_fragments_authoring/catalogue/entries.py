"""What a catalogue tells of a fragment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfn_fragments.discovery import Plugin, Problem
    from sfn_fragments.spec import FragmentSpec
    from sfn_fragments_asl.forecast.forecast import Forecast
    from sfn_fragments_asl.permissions.role_report import RoleStatement


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a request or a response.

    Attributes:
        name: Its name; of one inside another ``outer.inner``, ``[]`` for each item of a list.
        type: What it may be.
        required: Whether it must be given.
        default: Its default as text; None where there is none.
        description: What it is, with code between backticks; empty where nobody says it.
    """

    name: str
    type: str
    required: bool
    default: str | None
    description: str

    @property
    def depth(self) -> int:
        """How many others it is inside of."""
        return self.name.count(".")

    @property
    def anchor(self) -> str:
        """Its part of the address of its place in the page."""
        return self.name.replace("[]", "").replace("*", "")


@dataclass(frozen=True)
class Fields:
    """Fields that belong together.

    Attributes:
        title: What they are.
        anchor: How the address of their place in the page ends.
        description: What is said of all of them.
        fields: The fields.
        absent: Why there are none.
    """

    title: str
    anchor: str
    description: str = ""
    fields: tuple[Field, ...] = ()
    absent: str = ""


@dataclass(frozen=True)
class Deletion:
    """What documentation says of deleting.

    Attributes:
        where: The part of the page, or the parameter or field, whose description it is; empty for
            the fragment's own.
        anchor: How the address of that place in the page ends.
        text: What it says.
        of_field: Whether it is that of a parameter or field.
    """

    where: str
    anchor: str
    text: str
    of_field: bool = False


@dataclass(frozen=True)
class Synthesized:
    """What is known of the state machine of a fragment, made with the arguments of its example.

    Attributes:
        states: How many states its definition has.
        forecast: What a run enters, writes and costs.
        permissions: What its role may do, and what for.
        picture: The picture, as SVG; empty if it cannot be drawn.
        without_picture: Why it cannot.
        width: Of the picture, in pixels.
        others: Names of the state machines that it brings besides.
    """

    states: int
    forecast: Forecast
    permissions: tuple[RoleStatement, ...]
    picture: str = ""
    without_picture: str = ""
    width: float = 0
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """The run of an example.

    Attributes:
        report: The page on it, as HTML; empty if there is none.
        succeeded: Whether it went well.
        told: Why there is no page, in a sentence.
    """

    report: str = ""
    succeeded: bool = False
    told: str = ""


@dataclass(frozen=True)
class Entry:
    """All that a catalogue tells of a fragment.

    Attributes:
        spec: What its plugin declares.
        provider: The plugin.
        failure: Why it cannot be used; empty if it can.
        description: What its docstring says before its sections.
        code: Code that makes it in a stack.
        parameters: Those of its constructor, then those of each other way to make it.
        messages: Fields of its request, then of its response.
        when_to_use: What the section "When to use" of its docstring says.
        deletion: The same of the section "Deletes".
        deletes: What else its documentation says of deleting.
        example: ``summary`` and ``input``, as JSON, of its example; empty without one.
        without_example: Why there is none.
        synthesized: What is known of its state machine; None where it could not be made.
        not_synthesized: Why it could not.
        run: The run of its example; None if none was asked for.
    """

    spec: FragmentSpec
    provider: Plugin
    failure: str = ""
    description: str = ""
    code: str = ""
    parameters: tuple[Fields, ...] = ()
    messages: tuple[Fields, ...] = ()
    when_to_use: str = ""
    deletion: str = ""
    deletes: tuple[Deletion, ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)
    without_example: str = ""
    synthesized: Synthesized | None = None
    not_synthesized: str = ""
    run: Run | None = None

    @property
    def name(self) -> str:
        """Its registry name."""
        return self.spec.name

    @property
    def plugin(self) -> str:
        """The first part of its name."""
        return self.spec.name.partition(".")[0]

    @property
    def page(self) -> str:
        """Its page's path in the site."""
        return f"fragments/{self.name}.html"


@dataclass(frozen=True)
class Catalogue:
    """What a site shows.

    Attributes:
        entries: The fragments, by name.
        problems: The plugins, and names, that cannot be used.
        disabled: Names of the plugins that the user leaves out.
        version: The version of ``sfn-fragments``.
    """

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    disabled: tuple[str, ...]
    version: str
