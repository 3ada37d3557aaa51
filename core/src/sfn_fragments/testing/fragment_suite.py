"""What holds for every fragment, whoever wrote it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from click.testing import CliRunner

from sfn_fragments import get_registry
from sfn_fragments.checks import collect_checks
from sfn_fragments.cli.group import cli
from sfn_fragments.sandbox import Sandbox
from sfn_fragments_asl.checks import run_checks
from sfn_fragments_asl.model.limits import MAX_STATE_NAME
from sfn_fragments_asl.model.machine import Machine
from sfn_fragments_asl.reading.templates import state_machines

if TYPE_CHECKING:
    from collections.abc import Collection

    from aws_cdk.aws_stepfunctions import StateMachineFragment


class FragmentSuite:
    """Tests of every fragment that a plugin registers; subclass it in the plugin's tests.

    Needs ``pytest``. Where ``sfn-fragments-local`` is installed, the examples are executed too.

    Attributes:
        plugin: The plugin's entry point name.
        accepted_rules: Ids of the rules that its examples may break, such as
            ``asl.history-events``.

    Examples:
        ```python
        from sfn_fragments.testing import FragmentSuite


        class TestAcme(FragmentSuite):
            plugin = "acme"
        ```
    """

    plugin: ClassVar[str]
    accepted_rules: ClassVar[Collection[str]] = ()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each test once per fragment."""
        if "fragment_name" in metafunc.fixturenames:
            registry = get_registry()
            own = [name for name in registry if registry.provider(name).name == self.plugin]
            metafunc.parametrize("fragment_name", own)

    def test_the_plugin_is_loaded(self) -> None:
        """F1: The plugin has no problems, and at least one fragment."""
        registry = get_registry()
        assert [str(p) for p in registry.problems() if p.plugin == self.plugin] == []
        providers = sorted({registry.provider(name).name for name in registry})
        assert self.plugin in providers, "no fragment of it is installed"

    def test_listing_is_light(self) -> None:
        """F2: Discovery imports nothing of CDK, which takes seconds."""
        script = (
            "import sys; from sfn_fragments import get_registry; get_registry().names(); "
            "print({'aws_cdk', 'jsii', 'pydantic'} & set(sys.modules))"
        )
        done = subprocess.run(  # noqa: S603 - this interpreter, on a script of our own
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "set()", "import it in the functions that use it"

    def test_its_targets_resolve(self, fragment_name: str) -> None:
        """F3: The class, the models and the example are where the spec says."""
        registry = get_registry()
        spec = registry.spec(fragment_name)
        assert registry.load(fragment_name).__doc__, "document the class"
        for model in (spec.request, spec.response):
            if model is not None:
                assert registry.resolve(model).model_json_schema()["title"]
        assert spec.example is not None, "ship an example: `show`, `synth` and `run` use it"
        registry.resolve(spec.example)

    def test_it_is_shown_with_code_to_copy(self, fragment_name: str) -> None:
        """F4: What ``show`` prints for a CDK stack is Python, and its values can be so written."""
        shown = CliRunner().invoke(cli, ["show", fragment_name, "--json"])
        assert shown.exit_code == 0, shown.output
        code = json.loads(shown.stdout)["code"]
        compile(code, fragment_name, "exec")
        assert "Token[" not in code, "a value of CDK is shown as it is encoded"

    def test_its_example_synthesizes(self, fragment_name: str) -> None:
        """F5: Without errors, and with state names that AWS takes."""
        definition = Sandbox().build(get_registry(), fragment_name).definition
        names = [state.name for state in Machine(definition).every_state()]
        assert [name for name in names if len(name) > MAX_STATE_NAME] == []

    def test_its_example_passes_the_checks(self, fragment_name: str) -> None:
        """F6: Each state machine of its template, by every plugin's rules, warnings included."""
        registry = get_registry()
        template = Sandbox().build(registry, fragment_name).template
        machines, problems = state_machines(template, Path(fragment_name))
        checks, refused = collect_checks(registry)
        found = []
        for machine in machines:
            report = run_checks(machine.checked, checks)
            problems += [f"{check.id}: {error}" for check, error in report.problems]
            found += [
                f"{machine.name}: {check.severity} {check.id}: {finding.place}: {finding.message}"
                for check, finding in report.findings
                if check.id not in self.accepted_rules
            ]
        assert machines
        assert problems + refused == []
        assert found == [], "mend them, or list the rules in accepted_rules"

    def test_it_can_be_used_twice(self, fragment_name: str) -> None:
        """F7: Side by side in one state machine: names are unique, whatever it stands in."""
        registry, sandbox = get_registry(), Sandbox()
        example = registry.resolve(str(registry.spec(fragment_name).example))
        arguments = sandbox.arguments_for(example)
        from aws_cdk.aws_stepfunctions import DefinitionBody, Parallel, StateMachine

        fragments: list[StateMachineFragment] = [
            registry.create(fragment_name, sandbox.stack, name, **arguments)
            for name in ("One", "Other")
        ]
        both = Parallel(sandbox.stack, "Both").branch(*fragments)
        StateMachine(sandbox.stack, "Twice", definition_body=DefinitionBody.from_chainable(both))
        template = sandbox.app.synth().get_stack_by_name(sandbox.stack.stack_name).template
        assert "AWS::StepFunctions::StateMachine" in str(template)

    def test_its_example_runs(self, fragment_name: str) -> None:
        """F8: On the embedded engine, to the end, leaving no job definition behind."""
        if "run" not in cli.list_commands(
            cli.make_context("sfn-fragments", [], resilient_parsing=True)
        ):
            pytest.skip("sfn-fragments-local is not installed, which executes examples")
        done = CliRunner().invoke(cli, ["run", fragment_name, "--json"])
        assert done.exit_code == 0, done.output
        result: dict[str, Any] = json.loads(done.stdout)
        assert result["status"] == "SUCCEEDED"
        assert "ACTIVE" not in done.stderr
