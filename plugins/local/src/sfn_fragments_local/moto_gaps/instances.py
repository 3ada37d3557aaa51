"""Models: moto keeps every one that it has ever made, and closes objects of S3 that are in use."""

from __future__ import annotations

from typing import Any, Final

from sfn_fragments_local.moto_gaps.patching import load, replace

_BaseModel: Final = load("/moto.core.common_models:BaseModel")
_FakeKey: Final = load("/moto.s3.models:FakeKey")
_S3Backend: Final = load("/moto.s3.models:S3Backend")
_put_object_tagging: Final = _S3Backend.put_object_tagging
_reset: Final = _S3Backend.reset
_dispose: Final = _FakeKey.dispose


def _new(cls: Any, *_: Any, **__: Any) -> Any:
    return object.__new__(cls)


def _let_go(self: Any, garbage: bool = False) -> None:
    """Close an object's file when nobody holds the object any more.

    moto closes it when the object is replaced or deleted, while another request may be reading it,
    or may be about to tell of it what it has just written.
    """
    self.disposed = True
    if garbage:
        _dispose(self, garbage)


def _close_all(self: Any) -> None:
    """Close the files of a backend that nobody uses any more."""
    for bucket in self.buckets.values():
        for key in bucket.keys.values():
            if isinstance(key, _FakeKey):
                _dispose(key)
    _reset(self)


def _tag(self: Any, key: Any, tags: dict[str, str] | None) -> Any:
    tagged = _put_object_tagging(self, key, tags)
    if not tags:
        # moto notes the object's name, also once it is deleted.
        self.tagger.delete_all_tags_for_resource(key.arn)
    return tagged


def close() -> None:
    """Keep nothing of what is gone: of models that nothing refers to, of objects of S3."""
    replace(_FakeKey, "dispose", _let_go)
    replace(_S3Backend, "reset", _close_all)
    replace(_BaseModel, "__new__", staticmethod(_new))
    replace(_S3Backend, "put_object_tagging", _tag)
