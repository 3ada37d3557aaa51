"""Constructs that may be given by their names instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a construct answers never changes, and each time it is asked is a round trip to Node.
_answers: WeakKeyDictionary[object, dict[str, Any]] = WeakKeyDictionary()


#: Settings of a job that constructs may stand for, and the attributes that hold their names.
_ATTRIBUTES = {
    "image": ("image_uri", "repository_uri"),
    "job_queue": ("job_queue_arn",),
    "fallback_job_queue": ("job_queue_arn",),
    "job_definition": ("job_definition_arn",),
    "bucket_name": ("bucket_name",),
    "job_role_arn": ("role_arn",),
    "execution_role_arn": ("role_arn",),
}


def named(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a job with names, ARNs and URIs in the place of constructs.

    Args:
        settings: Name to value. What is neither a construct nor a text stays, for the rule of the
            setting to refuse.

    Returns:
        The settings.
    """
    found = dict(settings)
    for setting, attributes in _ATTRIBUTES.items():
        value = found.get(setting)
        if value is None or isinstance(value, str):
            continue
        attribute = next((one for one in attributes if hasattr(type(value), one)), None)
        # What CDK returns as an interface is a proxy, whose class does not have them.
        attribute = attribute or next((one for one in attributes if hasattr(value, one)), None)
        if attribute is not None:
            found[setting] = asked_once(value, attribute)
    return found


def asked_once(construct: object, attribute: str) -> Any:
    """An attribute of a construct, for which Node is asked once.

    Args:
        construct: The construct.
        attribute: Name of the attribute, whose value never changes.

    Returns:
        Its value.
    """
    known = _answers.setdefault(construct, {})
    if attribute not in known:
        known[attribute] = getattr(construct, attribute)
    return known[attribute]
