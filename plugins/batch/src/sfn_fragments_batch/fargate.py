"""What Fargate asks of a job beyond what Batch does.

https://docs.aws.amazon.com/batch/latest/APIReference/API_ResourceRequirement.html
"""

from __future__ import annotations

from typing import Any

from sfn_fragments.errors import InvalidValue
from sfn_fragments.validation import is_literal

#: Number of vCPUs to the MiB of memory that go with it.
FARGATE_SIZES: dict[float, tuple[int, ...]] = {
    0.25: (512, 1024, 2048),
    0.5: tuple(range(1024, 4096 + 1, 1024)),
    1: tuple(range(2048, 8192 + 1, 1024)),
    2: tuple(range(4096, 16384 + 1, 1024)),
    4: tuple(range(8192, 30720 + 1, 1024)),
    8: tuple(range(16384, 61440 + 1, 4096)),
    16: tuple(range(32768, 122880 + 1, 8192)),
}


def fargate_problems(memory: Any, vcpus: Any, gpu: Any) -> list[InvalidValue]:
    """What is wrong with the resources of a job on Fargate.

    Args:
        memory: Memory in MiB, ``None`` where it is not known to be right.
        vcpus: Number of vCPUs, likewise.
        gpu: Number of GPUs, likewise.

    Returns:
        The problems.
    """
    problems = []
    if gpu is not None and is_literal(gpu) and float(gpu) != 0:
        problems.append(InvalidValue("gpu", gpu, "Fargate has no GPUs: leave it out, or use EC2"))
    if vcpus is None or not is_literal(vcpus):
        return problems
    sizes = FARGATE_SIZES.get(float(vcpus))
    if sizes is None:
        listed = ", ".join(f"{size:g}" for size in FARGATE_SIZES)
        problems.append(InvalidValue("vcpus", vcpus, f"Fargate has {listed} vCPUs"))
    elif memory is not None and is_literal(memory) and float(memory) not in sizes:
        step = f" in steps of {sizes[-1] - sizes[-2]:,}" if sizes[0] != 512 else ""
        remedy = f"Fargate has {sizes[0]:,} to {sizes[-1]:,} MiB{step} with {vcpus} vCPUs"
        problems.append(InvalidValue("memory", memory, remedy))
    return problems
