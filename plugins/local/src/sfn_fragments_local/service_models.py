"""Importing it has all sessions of boto3 share the models of services that handlers use.

Each session reads them anew, and the published handlers make one for each client: that took most of
a small job's time. An interpreter that has imported this module has read them once, its copies have
them from the start, and a session reads only what is not among them. botocore itself treats what a
loader has read as immutable: all clients of a session share it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import boto3
import botocore.session
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

#: What the published handlers make clients of.
_SERVICES: Final = ("s3", "sts", "batch", "ecr", "efs", "lambda", "stepfunctions")

_create_loader: Final = botocore.session.create_loader


def _models() -> dict[Any, Any]:
    """What a loader keeps after clients and resources of the services were made with it."""
    loader = Loader()
    loader.search_paths.append(str(Path(boto3.__file__).parent / "data"))
    loader.load_data_with_path("endpoints")
    loader.load_data_with_path("partitions")
    loader.load_data_with_path("sdk-default-configuration")
    for service in _SERVICES:
        for kind in ("service-2", "endpoint-rule-set-1"):
            # As botocore asks for it: its cache tells arguments by their form.
            loader.load_service_model(service, kind, api_version=None)
        with suppress(DataNotFoundError, UnknownServiceError):
            version = loader.determine_latest_version(service, "resources-1")
            loader.load_service_model(service, "resources-1", None)
            for kind in ("service-2", "endpoint-rule-set-1"):
                loader.load_service_model(service, kind, api_version=version)
    return dict(loader._cache)


_read: Final = _models()


def _create(search_path_string: str | None = None) -> Any:
    loader = _create_loader(search_path_string)
    # Models of the job's own come before those of botocore.
    if search_path_string is None and not Path(Loader.CUSTOMER_DATA_PATH).is_dir():
        loader._cache.update(_read)
    return loader


botocore.session.create_loader = _create
