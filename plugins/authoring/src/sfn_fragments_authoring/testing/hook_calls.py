"""Calls one implementation of a hook as the framework does, with real arguments.

What a hook takes and gives is read from its specification, so that hooks which plugins bring are
called like those of the core.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest

from sfn_fragments import StateMachineOptions, get_registry
from sfn_fragments.checks import Check
from sfn_fragments_asl.checks.check import attribute_problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfn_fragments.calling import Call

#: A definition with a service call, for hooks that read one.
DEFINITION: dict[str, Any] = {
    "StartAt": "Read",
    "States": {
        "Read": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
            "Parameters": {"Bucket": "suite", "Key": "a"},
            "End": True,
        }
    },
}


def unknown_arguments(hook: str, given: Collection[str]) -> list[str]:
    """Parameters of a hook for which nothing is known that could be given.

    Args:
        hook: Name of the hook.
        given: Names of the arguments that the author gives.
    """
    specification = _specification(hook)
    parameters = specification.argnames if specification else ()
    return [name for name in parameters if name not in {*given, *_KNOWN}]


def _specification(hook: str) -> Any:
    """What pluggy knows of a hook that is implemented; None where nobody brings it."""
    manager = get_registry().plugin_manager
    for plugin in manager.get_plugins():
        for caller in manager.get_hookcallers(plugin) or ():
            if caller.name == hook:
                return caller.spec
    return None


def called(call: Call, hook: str, given: Mapping[str, Any]) -> None:
    """Call an implementation, and hold it to its hook.

    Args:
        call: The implementation.
        hook: Name of the hook.
        given: Arguments that the suite cannot know, those of a hook that another plugin brings.

    Raises:
        PluginError: It raises, gives something else, or changes what is to be read only.
    """
    specification = _specification(hook)
    if specification is None:
        pytest.skip(f"the plugin that brings {hook} is not installed")
    arguments = dict(given)
    scene = _Scene()
    for name in specification.argnames:
        if name not in arguments:
            arguments[name] = _KNOWN[name](scene)
    kind = kind_of(specification.function)
    if kind is None:
        call.tell(arguments)
        _hold_tags(call, arguments.get("options"))
        return
    for thing in call.things(kind, arguments):
        if isinstance(thing, Check):
            prefix = "asl" if call.name == "core" else call.name
            if wrong := attribute_problems(thing, prefix):
                reason = f"gives a check {thing.id!r} that is left out: {'; '.join(wrong)}"
                raise call.error(reason)


def _hold_tags(call: Call, options: Any) -> None:
    tags = options.tags.items() if isinstance(options, StateMachineOptions) else ()
    wrong = [item for item in tags if not all(isinstance(part, str) for part in item)]
    if wrong:
        raise call.error(f"sets tags {wrong}, of which each key and value must be a text")


class _Scene:
    """What arguments are made of, once for one call."""

    def __init__(self) -> None:
        from sfn_fragments.sandbox import Sandbox

        self.sandbox = Sandbox()


def _state_machine(scene: _Scene) -> Any:
    from aws_cdk.aws_stepfunctions import DefinitionBody, Pass, StateMachine

    stack = scene.sandbox.stack
    body = DefinitionBody.from_chainable(Pass(stack, "Only"))
    return StateMachine(stack, "Suite", definition_body=body)


#: Names of parameters to what is given for them.
_KNOWN: dict[str, Callable[[_Scene], Any]] = {
    "definition": lambda _: DEFINITION,
    "env_base": lambda scene: scene.sandbox.env_base,
    "options": lambda _: StateMachineOptions(name="suite", tags={"app": "suite"}),
    "scope": lambda scene: scene.sandbox.stack,
    "state_machine": _state_machine,
}


@cache
def kind_of(specification: Callable[..., Any]) -> Any:
    """What each thing is that implementations of a hook give.

    Args:
        specification: The function that specifies the hook.

    Returns:
        The type; None where nothing is asked for, and ``object`` where it is not annotated.

    Examples:
        >>> from sfn_fragments import hookspecs
        >>> kind_of(hookspecs.sfn_fragments_register).__name__
        'FragmentSpec'
    """
    annotations = inspect.unwrap(specification).__annotations__
    if "return" not in annotations:
        return object
    module = sys.modules[specification.__module__]
    only_return = SimpleNamespace(__annotations__={"return": annotations["return"]})
    hint = get_type_hints(only_return, vars(module), _TypeImports(module))["return"]
    if hint is type(None):
        return None
    (kind,) = get_args(hint) or (object,)
    return kind if isinstance(kind, type) else object


class _TypeImports(Mapping[str, Any]):
    """What a module imports for type checkers only, imported when it is asked for."""

    def __init__(self, module: Any) -> None:
        self._found: dict[str, tuple[str, str]] = {}
        for node in ast.parse(inspect.getsource(module)).body:
            if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
                continue
            for each in ast.walk(node):
                if isinstance(each, ast.ImportFrom):
                    for alias in each.names:
                        found = (str(each.module), alias.name)
                        self._found[alias.asname or alias.name] = found
                elif isinstance(each, ast.Import):
                    for alias in each.names:
                        self._found[alias.asname or alias.name] = (alias.name, "")

    def __getitem__(self, name: str) -> Any:
        from sfn_fragments.node import ensure_node

        module, attribute = self._found[name]
        # It may be of CDK.
        ensure_node()
        imported = import_module(module)
        if not attribute:
            return imported
        try:
            return getattr(imported, attribute)
        except AttributeError:
            return import_module(f"{module}.{attribute}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
