"""Models: moto keeps every one that it has ever made, and the tags of objects without tags."""

from __future__ import annotations

import threading
from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load, replace

_BaseModel: Final = load("/moto.core.common_models:BaseModel")
_FakeKey: Final = load("/moto.s3.models:FakeKey")
_S3Backend: Final = load("/moto.s3.models:S3Backend")
_put_object_tagging: Final = _S3Backend.put_object_tagging

_lock: Final = threading.Lock()
# How many objects of S3 are tracked before the deleted and replaced ones among them are let go.
_FEWEST: Final = 64
_next_look = _FEWEST


def _new(cls: Any, *_: Any, **__: Any) -> Any:
    instance = object.__new__(cls)
    # S3 goes through its objects when it is reset, to close their files. Nothing else looks.
    if issubclass(cls, _FakeKey):
        _track(cls.instances_tracked, instance)
    return instance


def _track(tracked: list[Any], instance: Any) -> None:
    global _next_look
    with _lock:
        tracked.append(instance)
        if len(tracked) >= _next_look:
            # An object whose making has not come to its end has no such attribute yet.
            tracked[:] = [key for key in tracked if not getattr(key, "disposed", False)]
            _next_look = max(_FEWEST, 2 * len(tracked))


def _tag(self: Any, key: Any, tags: dict[str, str] | None) -> Any:
    tagged = _put_object_tagging(self, key, tags)
    if not tags:
        # moto notes the object's name, also once it is deleted.
        self.tagger.delete_all_tags_for_resource(key.arn)
    return tagged


def close() -> None:
    """Keep nothing of what is gone: of models that nothing refers to, of objects of S3."""
    replace(_BaseModel, "__new__", staticmethod(_new))
    replace(_S3Backend, "put_object_tagging", _tag)
