"""``sfn-fragments show``: what one fragment takes, expects and returns."""

from __future__ import annotations

import inspect
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments import get_registry
from sfn_fragments.cli.output import fragment_as_json, print_heading, print_json
from sfn_fragments.errors import FragmentsError, PluginError
from sfn_fragments.node import ensure_node
from sfn_fragments.parameters import Parameter, alternative_constructors_of, parameters_of
from sfn_fragments.sandbox import Sandbox
from sfn_fragments.validation import is_token
from sfn_fragments_asl.cli.docstrings import prose_in, told_in, told_of
from sfn_fragments_asl.cli.output import echo_described, echo_text
from sfn_fragments_asl.cli.schema_fields import described, fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfn_fragments.registry import FragmentRegistry
    from sfn_fragments.spec import Example
    from sfn_fragments_asl.cli.schema_fields import SchemaField


@click.command(
    "show",
    epilog="""\b
Examples:
  sfn-fragments show data_sync.sync
  sfn-fragments show data_sync.sync --schema""",
)
@click.argument("name")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of request and response.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with all that is known.")
def command(name: str, schema: bool, as_json: bool) -> None:
    """Show what NAME does, an example, code for a stack, its parameters, request and response."""
    registry = get_registry()
    spec, provider = registry.spec(name), registry.provider(name)
    ensure_node()
    models = {"request": spec.request, "response": spec.response}
    schemas = {part: schema_of(registry, model) for part, model in models.items()}
    if schema:
        print_json(schemas)
        return
    target = registry.load(name)
    parameters = parameters_of(target)
    constructors = alternative_constructors_of(target)
    documentation = documentation_of(target)
    example = None if spec.example is None else registry.resolve(spec.example)
    code = code_of(name, parameters, example)
    run = f"sfn-fragments run {name}"
    if as_json:
        print_json(
            {
                **fragment_as_json(spec, provider),
                "parameters": [asdict(each) for each in parameters],
                "documentation": documentation,
                "constructors": [asdict(each) for each in constructors],
                **schemas,
                "code": code,
                "example": example
                and {"summary": example.summary, "input": example.input, "command": run},
            }
        )
        return
    print_heading(f"{spec.name}: {spec.summary}")
    click.echo(f"{provider.distribution} {provider.version}, {spec.stability}, {spec.target}")
    _print_part("What it does")
    echo_text(prose_in(documentation))
    if example is not None:
        _print_part("Example")
        click.echo(f"{example.summary}\n\n    {run}\n")
        click.echo(json.dumps(example.input, indent=2, ensure_ascii=False, default=str))
    _print_part("In a CDK stack")
    click.echo(code)
    _print_parameters("Parameters", parameters, documentation)
    for each in constructors:
        _print_parameters(f"Parameters of {each.name}", each.parameters, each.documentation)
    for part, model in models.items():
        _print_part(part.capitalize())
        told = {} if model is None else told_of(registry.resolve(model))
        fields = described(fields_of(schemas[part] or {}, told, told_in))
        _print_rows(
            [
                ("  " * each.name.count(".") + each.name.rpartition(".")[2], each, each.description)
                for each in fields
            ]
        )
    click.echo(f"\nEverything about the two: sfn-fragments show {name} --schema")


def documentation_of(target: Any) -> str:
    """What the docstrings of a construct class, and of its constructor, or of a function say.

    Args:
        target: The class or function.

    Returns:
        The docstrings, with their markup and their sections; empty where there is none.
    """
    # Not inspect.getdoc, which would show what CDK's base classes say of themselves.
    texts = [target.__doc__]
    if inspect.isclass(target):
        texts.append(getattr(vars(target).get("__init__"), "__doc__", None))
    return "\n\n".join(inspect.cleandoc(text) for text in texts if text)


def schema_of(registry: FragmentRegistry, model: str | None) -> Any:
    """The JSON Schema of a request or response model.

    Args:
        registry: Where it is looked up.
        model: ``"package.module:Class"``, as a spec names it.

    Returns:
        The schema, with the names of the fields in Python; None where there is no model.

    Raises:
        PluginError: It cannot be imported, or gives no schema.
    """
    if model is None:
        return None
    resolved = registry.resolve(model)
    try:
        return resolved.model_json_schema(by_alias=False)
    except Exception as error:
        raise PluginError(
            f"{model} gives no JSON schema: {type(error).__name__}: {error}"
        ) from error


def code_of(name: str, parameters: Sequence[Parameter], example: Example | None) -> str:
    """Code that makes a fragment in a stack of CDK.

    Args:
        name: Registry name of the fragment.
        parameters: What its constructor takes.
        example: The run whose arguments are shown; what of them no program can write as it is, and
            what is required besides, is left as a name.

    Returns:
        The lines, in Python.

    Raises:
        PluginError: The example cannot say its arguments.

    Examples:
        >>> print(code_of("acme.wait", [], None).splitlines()[-1])
        fragment.to_state_machine("acme-wait")
    """
    try:
        arguments: Mapping[str, Any] = Sandbox().arguments_for(example) if example else {}
    except (FragmentsError, KeyboardInterrupt):
        raise
    except BaseException as error:
        told = f"the example of {name} of {get_registry().provider(name)} gives no arguments"
        raise PluginError(f"{told}: {type(error).__name__}: {error}") from error
    construct_id = name.rpartition(".")[2].replace("_", " ").title().replace(" ", "")
    given = [f'"{name}"', "stack", f'"{construct_id}"']
    for parameter in parameters:
        if parameter.name in arguments and _is_literal(arguments[parameter.name]):
            given.append(f"{parameter.name}={arguments[parameter.name]!r}")
        elif parameter.name in arguments or parameter.required:
            # The program has to supply it itself.
            given.append(f"{parameter.name}={parameter.name}")
    return (
        "from sfn_fragments import get_registry\n\nfragment = get_registry().create(\n"
        + "".join(f"    {each},\n" for each in given)
        + f')\nfragment.to_state_machine("{name.replace(".", "-")}")'
    )


def _is_literal(value: Any) -> bool:
    """Whether a program can write the value as it is: it holds no construct and no token of CDK."""
    if isinstance(value, dict):
        return all(map(_is_literal, [*value, *value.values()]))
    if isinstance(value, list):
        return all(map(_is_literal, value))
    # Not of a subclass, such as EnvBase, whose repr is that of a text.
    return type(value) in {bool, int, float, str, type(None)} and not is_token(value)


def _print_part(heading: str) -> None:
    click.echo()
    print_heading(heading)


def _print_parameters(heading: str, parameters: Sequence[Parameter], documentation: str) -> None:
    _print_part(heading)
    told = told_in(documentation)
    _print_rows([(each.name, each, told.get(each.name, "")) for each in parameters])


def _print_rows(rows: Sequence[tuple[str, Parameter | SchemaField, str]]) -> None:
    """Print names with what they may be, whether they must be given, and what they are."""
    described = []
    for name, each, told in rows:
        default = None if each.default == "None" else each.default
        given = "required" if each.required else default and f"{default} by default"
        described.append((name, ", ".join(filter(None, [each.type, given])), told))
    if described:
        echo_described(described)
    else:
        click.echo("any")
