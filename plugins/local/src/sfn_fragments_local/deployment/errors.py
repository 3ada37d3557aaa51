"""The error of a deployment."""

from __future__ import annotations

from sfn_fragments.errors import FragmentsError


class DeploymentError(FragmentsError):
    """A stack cannot be deployed; the message names stack, resource, property and the way out."""


class UnusableValueError(Exception):
    """A value of a template that cannot be had; whoever evaluates the template says whose it is.

    Args:
        message: What is wrong with it, and the way out.
        place: Where it is, below what is evaluated, such as ``Environment.Variables.TABLE``.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
