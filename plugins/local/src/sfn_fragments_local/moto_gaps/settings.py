"""What a caller may set while executions run: the time scale and the endpoint of the services."""

from __future__ import annotations

_time_scale = 1.0
_endpoint_url: str | None = None


def set_time_scale(factor: float) -> None:
    """Set the factor by which Wait states and retry intervals are multiplied.

    ``TimeoutSeconds`` and ``HeartbeatSeconds`` are not scaled: the work itself takes its real time.

    Args:
        factor: 1.0 is real time, 0.01 a hundredth of it, 0 does not wait at all.

    Raises:
        ValueError: ``factor`` is negative.

    Examples:
        >>> set_time_scale(0.01)
        >>> get_time_scale()
        0.01
        >>> set_time_scale(1.0)
    """
    global _time_scale
    if not factor >= 0:
        raise ValueError(f"time scale: {factor!r}: give 0 or more, such as 0.01")
    _time_scale = factor


def get_time_scale() -> float:
    """Return the factor that `set_time_scale` set."""
    return _time_scale


def set_endpoint_url(url: str | None) -> None:
    """Set where the interpreter sends the service calls of its states.

    It matters only where moto runs as a server: inside `moto.mock_aws` calls are intercepted.

    Args:
        url: Such as ``http://127.0.0.1:5000``. None returns to ``AWS_ENDPOINT_URL``, or to moto's
            own default when that is not set.

    Examples:
        >>> set_endpoint_url("http://127.0.0.1:5000")
        >>> get_endpoint_url()
        'http://127.0.0.1:5000'
        >>> set_endpoint_url(None)
    """
    global _endpoint_url
    _endpoint_url = url


def get_endpoint_url() -> str | None:
    """Return the address that `set_endpoint_url` set, or None."""
    return _endpoint_url
