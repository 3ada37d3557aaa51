"""Data sync by any number of jobs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_stepfunctions import StateGraph

from sfn_fragments.errors import InvalidParametersError, InvalidValue
from sfn_fragments.states.asl import chain, custom_chain, state
from sfn_fragments.states.jsonata import Expression, concat, field, render, source
from sfn_fragments.states.naming import variable_name
from sfn_fragments_batch import BatchInvokedBaseFragment
from sfn_fragments_batch.handler import handler_environment, handler_states
from sfn_fragments_batch.job_states import JobStates
from sfn_fragments_data_sync.job_settings import sync_settings
