"""Many small files to a bucket and back: by the engine, beside one request after another."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Measure
from benchmarks.processes import call, median_ratio

if TYPE_CHECKING:
    from sfn_fragments_local import Engine

GROUP = "Files up and down"
FILES = 10_000
#: Rounds in which each does its share of the files, in turn; the bucket fills as they go.
_ROUNDS = 10
_BYTES = 200
_BUCKET = "files"
#: The most of the time of requests that the engine may take.
_GOAL = 0.2


def beside_requests(files: int) -> tuple[float, float, float]:
    """Copy files up and down with the engine and by requests of boto3, in turn.

    Args:
        files: How many, each of them by both.

    Returns:
        The median of the ratios, and all seconds of the engine and of the requests.
    """
    from sfn_fragments_local import Engine

    ours: list[float] = []
    requests: list[float] = []
    with tempfile.TemporaryDirectory() as name, Engine() as engine:
        engine.create_bucket(_BUCKET)
        top = Path(name)
        # What both do for the first time is done before.
        _by_requests(engine, _folder(top / "warm", 10), top / "warm-requests", "warm-requests/")
        _by_engine(engine, top / "warm", top / "warm-engine", "warm-engine/")
        for number in range(_ROUNDS):
            source = _folder(top / f"source-{number}", files // _ROUNDS)
            for one, copy, seconds in (
                ("requests", _by_requests, requests),
                ("engine", _by_engine, ours),
            ):
                start = time.perf_counter()
                copied = copy(engine, source, top / f"{one}-{number}", f"{one}/{number}/")
                seconds.append(time.perf_counter() - start)
                if copied != files // _ROUNDS:
                    raise RuntimeError(f"by {one}: {copied} files of {files // _ROUNDS}")
    return median_ratio(ours, requests), sum(ours), sum(requests)


def _folder(folder: Path, files: int) -> Path:
    folder.mkdir()
    for number in range(files):
        (folder / f"{number:05}.csv").write_bytes(b"%05d" % number * (_BYTES // 5))
    return folder


def _by_engine(engine: Engine, source: Path, target: Path, prefix: str) -> int:
    engine.upload(_BUCKET, source, prefix)
    return engine.download(_BUCKET, target, prefix)


def _by_requests(engine: Engine, source: Path, target: Path, prefix: str) -> int:
    s3 = engine.client("s3")
    for path in sorted(source.iterdir()):
        s3.put_object(Bucket=_BUCKET, Key=prefix + path.name, Body=path.read_bytes())
    target.mkdir()
    count = 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=_BUCKET, Prefix=prefix):
        for item in page["Contents"]:
            body = s3.get_object(Bucket=_BUCKET, Key=item["Key"])["Body"].read()
            (target / item["Key"].removeprefix(prefix)).write_bytes(body)
            count += 1
    return count


def measure() -> list[Measure]:
    """Measure it in a fresh process."""
    ratio, ours, requests = call("transfers.beside_requests", FILES)
    return [
        Measure(
            GROUP,
            f"{FILES:,} files up and down / one request after another",
            ratio,
            _GOAL,
            1.0,
            None,
            "ratio",
            f"{_BYTES} bytes each; in {_ROUNDS} rounds, in turn: {ours:.1f} s and {requests:.1f} s "
            "in all",
        )
    ]
