"""What holds for every plugin, whatever it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import pytest
from click.testing import CliRunner

from sfn_fragments import get_registry
from sfn_fragments.checks import collect_checks
from sfn_fragments.cli.group import cli
from sfn_fragments_asl.checks import run_checks
from sfn_fragments_asl.model.state_machine import CheckedDefinition
from sfn_fragments_authoring.probing import probe
from sfn_fragments_authoring.testing.hook_calls import called, unknown_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfn_fragments import Plugin
    from sfn_fragments.calling import Call
    from sfn_fragments.checks import Check
    from sfn_fragments_authoring.testing.cases import CheckCase, RunnerCase

#: Seconds in which a job of a runner has to end.
_LONGEST_JOB = 60.0


class PluginSuite:
    """Tests of everything a plugin does, whatever it is for; subclass it in the plugin's tests.

    Each hook that the plugin implements is called with real arguments, and what it gives is held to
    what the hook says. Its checks are tried on definitions, and its job runners on jobs, that you
    give. What its fragments do is tested by ``FragmentSuite``.

    Attributes:
        plugin: The plugin's entry point name.
        check_cases: Id of each of its checks to a definition on which it fires, and one on which it
            stays quiet.
        runner_cases: Name of each of its job runners to a job that succeeds, and one that fails.
            They run where ``sfn-fragments-local`` is installed.
        hook_arguments: Hook of another plugin to the arguments that it is called with; those of
            this project's hooks are known.

    Examples:
        ```python
        from sfn_fragments_authoring.testing import CheckCase, PluginSuite


        class TestPlugin(PluginSuite):
            plugin = "acme"
            check_cases = {"acme.no-wait": CheckCase(fires=WAITS, quiet=DOES_NOT_WAIT)}
        ```
    """

    plugin: ClassVar[str]
    check_cases: ClassVar[Mapping[str, CheckCase]] = {}
    runner_cases: ClassVar[Mapping[str, RunnerCase]] = {}
    hook_arguments: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    # Whether what only the author knows is left out, instead of asked for.
    _without_cases: ClassVar[bool] = False

    def _ask(self, text: str) -> NoReturn:
        if self._without_cases:
            pytest.skip(f"it needs test code: {text}")
        pytest.fail(text, pytrace=False)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each test once per hook, check, command or runner."""
        for fixture, names in (
            ("hook_name", _hooks),
            ("check_id", _checks),
            ("command_name", _commands),
            ("runner_name", _runners),
        ):
            if fixture in metafunc.fixturenames:
                metafunc.parametrize(fixture, [*names(self.plugin)])

    def test_the_plugin_is_loaded(self) -> None:
        """P1: It is installed, and has no problems."""
        problems = [str(each) for each in get_registry().problems() if each.plugin == self.plugin]
        if problems:
            pytest.fail("\n".join(problems), pytrace=False)
        if _plugin(self.plugin) is None:
            installed = ", ".join(plugin.name for plugin in get_registry().plugins())
            pytest.fail(
                f"no plugin {self.plugin!r} is installed, but {installed}. Name it in "
                '[project.entry-points.sfn_fragments], and install it anew: pip install -e "."',
                pytrace=False,
            )

    def test_listing_is_light(self) -> None:
        """P2: Its import brings nothing heavy, and writes nothing; who does is named."""
        plugin = _plugin(self.plugin)
        if plugin is None:
            pytest.skip("it is not loaded")
        seen = probe(plugin.value)
        told = [f"it imports {each}: move it into the function that uses it" for each in seen.heavy]
        if seen.output:
            told.append(f"it writes {seen.output[:80]!r} at import: use logging, or leave it out")
        if told:
            pytest.fail("\n".join(told), pytrace=False)

    def test_its_hooks_are_marked(self) -> None:
        """P3: What looks like a hook is one, and there is one."""
        plugin = _plugin(self.plugin)
        if plugin is None:
            pytest.skip("it is not loaded")
        functions = probe(plugin.value).hooks
        told = [
            f"{each.name} ({each.file or 'no function'}:{each.line}) is "
            + (f"marked for {each.marker!r}" if each.marker else "not marked")
            + ", and so never called: mark it with sfn_fragments.hookimpl"
            for each in functions
            if each.marker != "sfn_fragments"
        ]
        if not told and not functions:
            told = [f"{plugin.value} implements no hook: it does nothing"]
        if told:
            pytest.fail("\n".join(told), pytrace=False)

    def test_each_hook_is_called(self, hook_name: str) -> None:
        """P4: With real arguments; it gives what the hook says, and changes what it may."""
        for call in _calls(self.plugin, hook_name):
            given = self.hook_arguments.get(hook_name, {})
            if unknown := unknown_arguments(hook_name, given):
                self._ask(
                    f"{hook_name} takes {' and '.join(unknown)}: give them in "
                    f"hook_arguments[{hook_name!r}]"
                )
            called(call, hook_name, given)

    def test_a_state_machine_is_made(self) -> None:
        """P5: With the plugin installed, a state machine is made and synthesizes."""
        from aws_cdk.aws_stepfunctions import Pass

        from sfn_fragments.fragments import create_state_machine
        from sfn_fragments.sandbox import Sandbox

        sandbox = Sandbox()
        only = Pass(sandbox.stack, "Only")
        create_state_machine(sandbox.stack, sandbox.env_base, "Suite", "suite", only)
        stack = sandbox.app.synth().get_stack_by_name(sandbox.stack.stack_name)
        errors = [str(each.entry.data) for each in stack.messages if each.level.value == "error"]
        assert errors == [], "what the plugin adds to a state machine must not be refused"

    def test_its_checks_fire_and_stay_quiet(self, check_id: str) -> None:
        """P6: Each check finds something in one definition, and nothing in another."""
        case = self.check_cases.get(check_id)
        if case is None:
            self._ask(
                f"give check_cases[{check_id!r}] = CheckCase(fires=..., quiet=...): a check that "
                "was never seen to fire may not work"
            )
        check = _checks(self.plugin)[check_id]
        for definition, fires in ((case.fires, True), (case.quiet, False)):
            report = run_checks(CheckedDefinition(definition), [check])
            raised = [str(error) for _, error in report.problems]
            assert raised == [], "a check raises nothing, whatever the definition"
            found = [f"{finding.place}: {finding.message}" for _, finding in report.findings]
            if bool(found) != fires:
                told = f"finds {found} in what is to be quiet" if found else "does not fire"
                pytest.fail(f"{check_id} {told}; mend its find, or the case", pytrace=False)

    def test_its_commands_show_help(self, command_name: str) -> None:
        """P7: Each command says what it is for."""
        done = CliRunner().invoke(cli, [command_name, "--help"])
        assert done.exit_code == 0, done.output
        assert _commands(self.plugin)[command_name].help, "its function's docstring is shown"

    def test_its_runners_run_a_job_and_fail_one(
        self, runner_name: str, request: pytest.FixtureRequest
    ) -> None:
        """P8: Each runner accepts a job, which succeeds, and another one, which fails."""
        case = self.runner_cases.get(runner_name)
        if case is None:
            self._ask(
                f"give runner_cases[{runner_name!r}] = RunnerCase(image, succeeds=..., fails=...)"
            )
        try:
            engine = request.getfixturevalue("sfn_engine")
        except pytest.FixtureLookupError:
            pytest.skip("sfn-fragments-local is not installed, which runs jobs")
        for command, expected in ((case.succeeds, "SUCCEEDED"), (case.fails, "FAILED")):
            job = _job(engine, case.image, [*command], case.environment)
            told = f"job {[*command]} of image {case.image!r}"
            if job.runner != runner_name:
                pytest.fail(
                    f"{told} was run by {job.runner!r}: accepts(job) of {runner_name!r} does not "
                    "take it, or a runner that is asked before does",
                    pytrace=False,
                )
            if job.status != expected:
                pytest.fail(
                    f"{told} {job.status}, not {expected}: {job.reason}\n{job.output}\nThe exit "
                    "code of the command decides, 0 for success.",
                    pytrace=False,
                )
            if expected == "SUCCEEDED":
                assert case.output in job.output, f"{told} does not write it"


def _plugin(name: str) -> Plugin | None:
    return next((each for each in get_registry().plugins() if each.name == name), None)


def _calls(plugin: str, hook: str) -> Iterator[Call]:
    for call in get_registry().calls(hook):
        if call.plugin is not None and call.name == plugin:
            yield call


def _hooks(plugin: str) -> list[str]:
    """Names of the hooks that a plugin implements."""
    manager = get_registry().plugin_manager
    found = _plugin(plugin)
    module = manager.get_plugin(found.identity) if found else None
    return sorted(each.name for each in manager.get_hookcallers(module) or ()) if module else []


def _checks(plugin: str) -> dict[str, Check]:
    """The checks that a plugin gives, by id; P4 tells what is wrong with those left out."""
    prefix = "asl." if plugin == "core" else f"{plugin}."
    checks, _ = collect_checks(get_registry())
    return {check.id: check for check in checks if check.id.startswith(prefix)}


def _commands(plugin: str) -> dict[str, Any]:
    import click

    calls = _calls(plugin, "sfn_fragments_cli_commands")
    offered = [command for call in calls for command in call.things(click.Command, {})]
    return {str(command.name): command for command in offered}


def _runners(plugin: str) -> list[str]:
    """Names of the runners that a plugin gives; P4 tells what is wrong with them."""
    calls = _calls(plugin, "sfn_fragments_job_runners")
    return [
        str(getattr(runner, "name", "")) for call in calls for runner in call.things(object, {})
    ]


def _job(engine: Any, image: str, command: list[str], environment: Mapping[str, str]) -> Any:
    """Run a job on an engine, to its end."""
    import time

    known = len(engine.jobs)
    engine.create_job_queue("suite")
    batch = engine.client("batch")
    definition = batch.register_job_definition(
        jobDefinitionName="suite",
        type="container",
        containerProperties={
            "image": image,
            "command": command,
            "environment": [{"name": name, "value": value} for name, value in environment.items()],
            "resourceRequirements": [
                {"type": "VCPU", "value": "1"},
                {"type": "MEMORY", "value": "512"},
            ],
        },
    )["jobDefinitionArn"]
    batch.submit_job(jobName="suite", jobQueue="suite", jobDefinition=definition)
    ends = time.monotonic() + _LONGEST_JOB
    while True:
        job = engine.jobs[known]
        if job.status in ("SUCCEEDED", "FAILED"):
            return job
        if time.monotonic() > ends:
            pytest.fail(f"job {command} is {job.status} after {_LONGEST_JOB:.0f} s")
        time.sleep(0.02)
