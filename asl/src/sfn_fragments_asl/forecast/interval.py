"""Numbers of which the least and the greatest are known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A whole number, as far as it is known.

    Attributes:
        least: What it is at least; 0 or more.
        most: What it is at most; None where nothing bounds it.

    Raises:
        ValueError: ``least`` is negative, or above ``most``.

    Examples:
        >>> Interval(1, 2) + exactly(3), exactly(2) * Interval(0, None), exactly(1) | exactly(4)
        (Interval(least=4, most=5), Interval(least=0, most=None), Interval(least=1, most=4))
    """

    least: int
    most: int | None

    def __post_init__(self) -> None:
        """Refuse what is no interval."""
        if self.least < 0 or (self.most is not None and self.most < self.least):
            raise ValueError(f"{self.least} to {self.most} is no interval: give 0 <= least <= most")

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.least == self.most

    def __add__(self, other: Interval) -> Interval:
        """The sum of two numbers."""
        is_open = self.most is None or other.most is None
        most = None if is_open else (self.most or 0) + (other.most or 0)
        return Interval(self.least + other.least, most)

    def __mul__(self, other: Interval) -> Interval:
        """The product; none of something has no share of it, however much that may be."""
        least = self.least * other.least
        if 0 in (self.most, other.most):
            return Interval(least, 0)
        is_open = self.most is None or other.most is None
        return Interval(least, None if is_open else (self.most or 0) * (other.most or 0))

    def __or__(self, other: Interval) -> Interval:
        """What it is where it is either of two numbers."""
        return Interval(min(self.least, other.least), greatest(self.most, other.most))

    def __contains__(self, number: int) -> bool:
        """Whether it may be a number."""
        return self.least <= number and (self.most is None or number <= self.most)


def exactly(number: int) -> Interval:
    """The interval of one number."""
    return Interval(number, number)


def greatest(first: int | None, second: int | None) -> int | None:
    """The greater of two bounds, of which None is the greatest."""
    return None if first is None or second is None else max(first, second)


NONE = exactly(0)
ONE = exactly(1)
