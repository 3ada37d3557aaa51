"""Numbers of which the least and the greatest are known, and prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfn_fragments_asl.forecast.interval import Interval

_MILLION = 1_000_000


def span_in_words(interval: Interval) -> str:
    """A number, as far as it is known.

    Args:
        interval: The number.

    Examples:
        >>> from sfn_fragments_asl.forecast.interval import Interval
        >>> span_in_words(Interval(3, 1200)), span_in_words(Interval(3, None))
        ('3 to 1,200', '3 or more')
    """
    if interval.exact:
        return f"{interval.least:,}"
    if interval.most is None:
        return f"{interval.least:,} or more"
    return f"{interval.least:,} to {interval.most:,}"


def price_in_words(price: Interval, *, runs: int = 1) -> str:
    """What runs cost, in US dollars.

    Args:
        price: The price of one in millionths of a dollar, as a forecast has it.
        runs: How many runs.

    Examples:
        >>> from sfn_fragments_asl.forecast.interval import Interval
        >>> price_in_words(Interval(75, 5025)), price_in_words(Interval(75, None), runs=1_000_000)
        ('$0.000075 to $0.005025', '$75 or more')
    """
    least = _amount(price.least * runs / _MILLION)
    if price.exact:
        return least
    if price.most is None:
        return f"{least} or more"
    return f"{least} to {_amount(price.most * runs / _MILLION)}"


def _amount(dollars: float) -> str:
    return f"${dollars:,.0f}" if dollars == int(dollars) else f"${dollars:,.6f}".rstrip("0")
