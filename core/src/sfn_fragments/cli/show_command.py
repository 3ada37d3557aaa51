"""``sfn-fragments show``: what one fragment takes, expects and returns."""

from __future__ import annotations

import inspect
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments import get_registry
from sfn_fragments.cli.output import fragment_as_json, print_heading, print_json, print_table
from sfn_fragments.errors import PluginError
from sfn_fragments.node import ensure_node
from sfn_fragments.parameters import (
    AlternativeConstructor,
    Parameter,
    alternative_constructors_of,
    parameters_of,
)
from sfn_fragments.sandbox import Sandbox
from sfn_fragments.validation import is_token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments.registry import FragmentRegistry
    from sfn_fragments.spec import Example


@click.command(
    "show",
    epilog="""\b
Examples:
  sfn-fragments show data_sync.sync
  sfn-fragments show data_sync.sync --json""",
)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(name: str, as_json: bool) -> None:
    """Show the parameters, the request and response schema and an example of NAME."""
    registry = get_registry()
    spec, provider = registry.spec(name), registry.provider(name)
    ensure_node()
    target = registry.load(name)
    parameters = parameters_of(target)
    constructors = alternative_constructors_of(target)
    documentation = _documentation_of(target)
    request = _schema_of(registry, spec.request)
    response = _schema_of(registry, spec.response)
    example = None if spec.example is None else registry.resolve(spec.example)
    code = _code_of(name, parameters, example)
    run = f"sfn-fragments run {name}"
    if as_json:
        print_json(
            {
                **fragment_as_json(spec, provider),
                "parameters": [asdict(each) for each in parameters],
                "documentation": documentation,
                "constructors": [asdict(each) for each in constructors],
                "request": request,
                "response": response,
                "code": code,
                "example": example
                and {"summary": example.summary, "input": example.input, "command": run},
            }
        )
        return
    print_heading(spec.name)
    click.echo(spec.summary)
    click.echo(f"{provider.distribution} {provider.version}, {spec.target}")
    _print_parameters("Parameters", parameters)
    _print_part("Documentation", documentation)
    for constructor in constructors:
        _print_constructor(constructor)
    _print_part("Request", "any" if request is None else _indented(request))
    _print_part("Response", "any" if response is None else _indented(response))
    _print_part("In a CDK stack", code)
    if example is not None:
        _print_part("Example", example.summary)
        _print_part("Example input", _indented(example.input))
        _print_part("Run the example", run)


def _documentation_of(target: Any) -> str:
    # Not inspect.getdoc, which would show what CDK's base classes say of themselves.
    texts = [target.__doc__]
    if inspect.isclass(target):
        texts.append(getattr(vars(target).get("__init__"), "__doc__", None))
    return "\n\n".join(inspect.cleandoc(text) for text in texts if text)


def _schema_of(registry: FragmentRegistry, model: str | None) -> Any:
    if model is None:
        return None
    resolved = registry.resolve(model)
    try:
        return resolved.model_json_schema(by_alias=False)
    except Exception as error:
        raise PluginError(
            f"{model} gives no JSON schema: {type(error).__name__}: {error}"
        ) from error


def _code_of(name: str, parameters: Sequence[Parameter], example: Example | None) -> str:
    arguments: Mapping[str, Any] = {}
    if example is not None:
        arguments = Sandbox().arguments_for(example)
    lines = []
    for parameter in parameters:
        if parameter.name not in arguments and not parameter.required:
            continue
        value = arguments.get(parameter.name)
        # What the program has to supply itself is left as a name.
        literal = parameter.name in arguments and _is_literal(value)
        given = repr(value) if literal else parameter.name
        lines.append(f"    {parameter.name}={given},")
    construct_id = name.rpartition(".")[2].replace("_", " ").title().replace(" ", "")
    return "\n".join(
        [
            "from sfn_fragments import get_registry",
            "",
            "fragment = get_registry().create(",
            f'    "{name}",',
            "    stack,",
            f'    "{construct_id}",',
            *lines,
            ")",
            f'fragment.to_state_machine("{name.replace(".", "-")}")',
        ]
    )


def _is_literal(value: Any) -> bool:
    """Whether a program can write the value as it is: it holds no construct and no token of CDK."""
    if isinstance(value, dict):
        return all(map(_is_literal, [*value, *value.values()]))
    if isinstance(value, list):
        return all(map(_is_literal, value))
    # Not of a subclass, such as EnvBase, whose repr is that of a text.
    return type(value) in {bool, int, float, str, type(None)} and not is_token(value)


def _indented(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _print_part(heading: str, text: str) -> None:
    if text:
        click.echo()
        print_heading(heading)
        click.echo(text)


def _print_parameters(heading: str, parameters: Sequence[Parameter]) -> None:
    click.echo()
    print_heading(heading)
    if not parameters:
        click.echo("none")
        return
    print_table(
        ("NAME", "TYPE", "DEFAULT"),
        [(p.name, p.type, "required" if p.required else p.default or "") for p in parameters],
    )


def _print_constructor(constructor: AlternativeConstructor) -> None:
    _print_parameters(f"Constructor {constructor.name}", constructor.parameters)
    click.echo()
    click.echo(constructor.documentation)
