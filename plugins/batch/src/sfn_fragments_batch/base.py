"""The base class of the fragments that run a job on Batch."""

from __future__ import annotations

from sfn_fragments.fragments import EnvBaseStateMachineFragment


class BatchInvokedBaseFragment(EnvBaseStateMachineFragment):
    """Base class of the fragments that run their work as a job on Batch.

    The permissions of its state machine follow from its definition.
    """
