"""Implements each hook of the core, with the parameters that it had."""

from sfn_fragments import FragmentSpec, hookimpl


@hookimpl
def sfn_fragments_register():
    yield FragmentSpec(
        name="first.store",
        target="first_plugin.store:Store",
        summary="Keeps the input in S3, and reads it again.",
        request="first_plugin.models:Request",
        response="first_plugin.models:Request",
        example="first_plugin.store:EXAMPLE",
    )


@hookimpl
def sfn_fragments_hookspecs():
    yield "first_plugin.hookspecs"


@hookimpl
def sfn_fragments_first_sizes(scale):
    return [scale]


@hookimpl
def sfn_fragments_state_machine_options(options, scope):
    options.tags.setdefault("stack", scope.node.id)
    options.tracing_enabled = True
    if options.log_retention_days is None:
        options.log_retention_days = 30


@hookimpl
def sfn_fragments_state_machine_created(state_machine, definition):
    assert definition["StartAt"] in definition["States"]
    assert state_machine.node.id


@hookimpl
def sfn_fragments_role_statements(definition, scope):
    from aws_cdk.aws_iam import PolicyStatement

    assert definition["States"]
    assert scope.node.id
    yield PolicyStatement(actions=["s3:GetObjectTagging"], resources=["arn:aws:s3:::first/*"])


@hookimpl
def sfn_fragments_checks():
    from sfn_fragments.checks import Check, Finding

    def find(checked):
        for state in checked.states():
            if state.type == "Wait" and "Seconds" not in state.fields:
                yield Finding(state.name, "waits for a time that the input gives")

    yield Check("first.fixed-waits", "warning", "A wrong time keeps it open.", find)


@hookimpl
def sfn_fragments_cli_commands():
    import click

    @click.command("first-greet")
    def greet():
        """Says hello."""
        click.echo("hello")

    yield greet


@hookimpl
def sfn_fragments_doctor_checks():
    from sfn_fragments.cli.doctor_command import Check

    yield Check("first", "ok", "there", "")
