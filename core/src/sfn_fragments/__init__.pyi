# What the package offers, each imported on first touch; `lazy.stub_exports` reads it.
from sfn_fragments.discovery import Plugin as Plugin
from sfn_fragments.discovery import Problem as Problem
from sfn_fragments.errors import FragmentConflictError as FragmentConflictError
from sfn_fragments.errors import FragmentsError as FragmentsError
from sfn_fragments.errors import InvalidParametersError as InvalidParametersError
from sfn_fragments.errors import InvalidValue as InvalidValue
from sfn_fragments.errors import PluginError as PluginError
from sfn_fragments.errors import UnknownFragmentError as UnknownFragmentError
from sfn_fragments.hookspecs import hookimpl as hookimpl
from sfn_fragments.hookspecs import hookspec as hookspec
from sfn_fragments.options import StateMachineOptions as StateMachineOptions
from sfn_fragments.registry import FragmentRegistry as FragmentRegistry
from sfn_fragments.registry import get_registry as get_registry
from sfn_fragments.required_plugins import require_plugins as require_plugins
from sfn_fragments.spec import Example as Example
from sfn_fragments.spec import FragmentSpec as FragmentSpec
from sfn_fragments.spec import TypedSpec as TypedSpec

__version__: str
