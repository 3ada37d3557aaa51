"""The core's suite of fragments, and what an execution's input and output are held to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from click.testing import CliRunner

from sfn_fragments import get_registry
from sfn_fragments.cli.group import cli
from sfn_fragments.testing import FragmentSuite as CoreFragmentSuite
from sfn_fragments_authoring.probing import probe

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic import BaseModel

    from sfn_fragments import FragmentSpec


class FragmentSuite(CoreFragmentSuite):
    """Tests of every fragment that a plugin registers; subclass it in the plugin's tests.

    Besides the tests of the core's suite, the output of each example is held to the response
    model, and the optional fields of each request are left out and given as ``null``. Both need
    ``sfn-fragments-local``, and are skipped without it.

    Attributes:
        plugin: The plugin's entry point name.
        accepted_rules: Ids of the rules that its examples may break.
        needed_fields: ``<fragment>:<field>`` of optional fields that the example cannot do
            without, though others can.

    Examples:
        ```python
        from sfn_fragments_authoring.testing import FragmentSuite


        class TestFragments(FragmentSuite):
            plugin = "acme"
        ```
    """

    needed_fields: ClassVar[Collection[str]] = ()

    def test_listing_is_light(self) -> None:
        """F2: Its import brings nothing heavy; what does is named, with file and line."""
        for plugin in get_registry().plugins():
            if plugin.name == self.plugin:
                heavy = [str(each) for each in probe(plugin.value).heavy]
                assert heavy == [], "import it in the functions that use it"

    def test_its_example_runs(self, fragment_name: str) -> None:
        """F8: On the engine, to the end; its output is as its response model says."""
        spec = get_registry().spec(fragment_name)
        output = _output(fragment_name)
        if spec.response is None:
            return
        model = get_registry().resolve(spec.response)
        if reason := _why_not(model, output):
            pytest.fail(
                f"{fragment_name}: the output of its example is not as {spec.response} says: "
                f"{reason}\nChange the model, or what the last state passes on.",
                pytrace=False,
            )

    @pytest.mark.parametrize("given", ["absent", "null"])
    def test_its_optional_fields(self, fragment_name: str, given: str) -> None:
        """F9: An input runs whose optional fields are left out, and one where they are null."""
        registry = get_registry()
        spec = registry.spec(fragment_name)
        if spec.request is None or spec.example is None:
            pytest.skip("it has no request model, or no example")
        example = dict(registry.resolve(spec.example).input)
        changed = dict(example)
        for alias in self._optional_fields(spec, null=given == "null"):
            if given == "null":
                changed[alias] = None
            else:
                changed.pop(alias, None)
        if changed == example:
            pytest.skip("that is the input of its example")
        _output(
            fragment_name,
            changed,
            "\nA path to a field that is absent fails the execution: give it a default with "
            "States.JsonMerge, or ask with a Choice. If the model says more than the fragment can, "
            "make the field required; if only the example needs it, list it in needed_fields.",
        )

    def _optional_fields(self, spec: FragmentSpec, *, null: bool) -> list[str]:
        """The optional fields of its request, by the names that an input has."""
        model: type[BaseModel] = get_registry().resolve(str(spec.request))
        schema = model.model_json_schema(by_alias=True)
        required = schema.get("required", ())
        return [
            name
            for name, field in schema.get("properties", {}).items()
            if name not in required
            and f"{spec.name}:{name}" not in self.needed_fields
            and (not null or {"type": "null"} in field.get("anyOf", ()))
        ]


def _output(fragment: str, input: Any = None, remedy: str = "") -> Any:
    """Run a fragment on the engine; what its execution gives."""
    if "run" not in cli.list_commands(
        cli.make_context("sfn-fragments", [], resilient_parsing=True)
    ):
        pytest.skip("sfn-fragments-local is not installed, which executes examples")
    arguments = ["run", fragment, "--json"]
    if input is not None:
        arguments += ["--input", json.dumps(input)]
    done = CliRunner().invoke(cli, arguments)
    told = f"{fragment} does not run{'' if input is None else f' with {json.dumps(input)}'}"
    if done.exit_code != 0:
        pytest.fail(f"{told}: {done.output.strip()}{remedy}", pytrace=False)
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["status"] == "SUCCEEDED"
    assert "ACTIVE" not in done.stderr, "deregister each job definition, on failure too"
    return result["output"]


def _why_not(model: type[BaseModel], output: Any) -> str:
    """Why an output is none of a model; empty if it is."""
    from pydantic import ValidationError

    try:
        # As JSON, in which a date is a text; a number is never one.
        model.model_validate_json(json.dumps(output), strict=True)
    except ValidationError as error:
        return "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'the output'}: {each['msg']}, "
            f"not {each['input']!r}"
            for each in error.errors()
        )
    return ""
