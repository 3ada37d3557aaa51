"""What a plugin declares about a fragment, without importing it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, ParamSpec, TypeAlias, TypeVar, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Concatenate

    from constructs import Construct

    from sfn_fragments.sandbox import Sandbox

P = ParamSpec("P")
T = TypeVar("T")

#: What a plugin promises of a fragment.
Stability: TypeAlias = Literal["stable", "experimental", "deprecated"]

_KEYWORD = re.compile(r"[a-z0-9][a-z0-9 _-]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_TARGET = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@dataclass(frozen=True)
class FragmentSpec:
    """A fragment as its plugin declares it: strings only, resolved on first use.

    Args:
        name: Registry name, ``<plugin>.<fragment>`` in lower case, such as ``data_sync.sync``.
        target: ``"package.module:Class"`` of the construct, or of a function that returns one.
        summary: One line for listings.
        request: ``"package.module:Class"`` of a pydantic model of the execution's input.
        response: The same for its output.
        example: ``"package.module:NAME"`` of an `Example` to synthesize and run.
        keywords: Words that it is found by, in lower case, such as ``s3``.
        stability: ``stable``: its parameters and what it does stay within a major version;
            ``experimental``: they may change with any; ``deprecated``: it goes, and the summary
            says what comes in its place.

    Raises:
        ValueError: A name, a target or a keyword is malformed, the summary is not one line of text,
            or there is no such stability.

    Examples:
        >>> FragmentSpec("acme.wait", "acme.fragments:Wait", "Waits for a delivery.").name
        'acme.wait'
    """

    name: str
    target: str
    summary: str
    request: str | None = None
    response: str | None = None
    example: str | None = None
    keywords: tuple[str, ...] = ()
    stability: Stability = "stable"

    def __post_init__(self) -> None:
        """Refuse what could only fail later, far from the plugin that wrote it."""
        problems = []
        if not _NAME.fullmatch(self.name):
            problems.append(f"name {self.name!r} is not like 'plugin.fragment' in lower case")
        for label in ("target", "request", "response", "example"):
            value = getattr(self, label)
            if value is None and label != "target":
                continue
            if not isinstance(value, str) or not _TARGET.fullmatch(value):
                problems.append(f"{label} {value!r} is not like 'package.module:Name'")
        if not self.summary.strip() or "\n" in self.summary:
            problems.append(f"summary {self.summary!r} is not one line of text")
        # A text would be taken for its letters.
        words = self.keywords if isinstance(self.keywords, tuple) else [""]
        if not all(isinstance(word, str) and _KEYWORD.fullmatch(word) for word in words):
            problems.append(f"keywords {self.keywords!r} are no tuple of words in lower case")
        if self.stability not in get_args(Stability):
            problems.append(f"stability {self.stability!r} is none of {get_args(Stability)}")
        if problems:
            raise ValueError(f"FragmentSpec {self.name!r}: " + "; ".join(problems))

    def __str__(self) -> str:
        """Its name, by which the registry knows it."""
        return self.name


@dataclass(frozen=True, kw_only=True)
class TypedSpec(FragmentSpec, Generic[P, T]):
    """A spec whose fragment type checkers know: ``create`` and ``load`` take it in place of a name.

    Editors complete the arguments then, and type checkers check them.

    Args:
        fragment: ``lambda: Class``, the class or function that ``target`` names. It is for type
            checkers and never called, so that what it names may be imported for them only.

    Examples:
        >>> import fractions
        >>> wait = TypedSpec(
        ...     name="acme.wait",
        ...     target="acme.fragments:Wait",
        ...     summary="Waits for a delivery.",
        ...     fragment=lambda: fractions.Fraction,
        ... )
        >>> str(wait)
        'acme.wait'
    """

    fragment: Callable[[], Callable[Concatenate[Construct, str, P], T]] = field(repr=False)


@dataclass(frozen=True)
class Example:
    """A real run of a fragment, for ``sfn-fragments synth``, ``show`` and ``run``.

    Args:
        summary: One line: what the run does.
        arguments: Called with the `Sandbox`, returns the
            constructor's keyword arguments (without scope, id and ``env_base``).
        input: The execution's input, JSON.
        objects: Text objects that are put before the run: bucket name to key to text.
        files: Text files that are put on the sandbox's file system before the run: path to text.
        results: Buckets whose objects show what the run did.
    """

    summary: str
    arguments: Callable[[Sandbox], Mapping[str, Any]]
    input: Any = field(default_factory=dict)
    objects: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    results: tuple[str, ...] = ()
