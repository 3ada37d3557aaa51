"""Whether a requirement on the core allows the core that is installed."""

from __future__ import annotations

import operator
import re

_NAME = re.compile(r"sfn[-_.]+fragments(?![-_.]*[a-z0-9])", re.IGNORECASE)
_RELEASE = re.compile(r"\d+(\.\d+)*")
_CLAUSE = re.compile(rf"\s*([<>]=?|[=!]=)\s*({_RELEASE.pattern})\s*")
_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


def is_about_core(requirement: str) -> bool:
    """Whether a ``Requires-Dist`` names ``sfn-fragments``, however it is spelt."""
    return _NAME.match(requirement) is not None


def allows(requirement: str, version: str) -> bool:
    """Whether a requirement on the core is met.

    Args:
        requirement: A ``Requires-Dist`` that names the core, such as ``sfn-fragments<0.2,>=0.1``.
        version: The installed version.

    Returns:
        True as well where the requirement's marker does not apply.

    Raises:
        packaging.requirements.InvalidRequirement: It cannot be read.

    Examples:
        >>> allows("sfn-fragments<0.2,>=0.1", "0.1.3")
        True
    """
    clauses = _NAME.sub("", requirement, count=1).split(",")
    matches = [_CLAUSE.fullmatch(clause) for clause in clauses]
    if _RELEASE.fullmatch(version) and all(matches):
        return all(
            _COMPARE[match[1]](_release(version), _release(match[2])) for match in matches if match
        )
    # Importing it takes as long as the rest of a listing, and build tools write the plain form.
    from packaging.requirements import Requirement

    parsed = Requirement(requirement)
    if parsed.marker is not None and not parsed.marker.evaluate({"extra": ""}):
        return True
    # A pre-release of the core is the only core there is, so it must be weighed.
    return parsed.specifier.contains(version, prereleases=True)


def _release(version: str) -> tuple[int, ...]:
    """The numbers without zeros at the end: 1.0 is 1."""
    numbers = [int(number) for number in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
