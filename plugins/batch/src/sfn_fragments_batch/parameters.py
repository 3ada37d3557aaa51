"""Checks the parameters of a job, all at once, and brings them into one form."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration

from sfn_fragments.errors import InvalidValue
from sfn_fragments.fragments.machine_parameters import timeout_seconds
from sfn_fragments.states.s3 import BUCKET_NAME_RULE
from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments.validation import (
    Rule,
    choice,
    computable,
    construct_id,
    data_path,
    flag,
    fragment_problems,
    instance,
    is_literal,
    is_token,
    items_of,
    json_object,
    listed,
    malformed,
    named_or,
    number,
    optional,
    prefixed_name,
    problems_of,
    refuse,
    result_path,
    scope_rule,
    text,
)
from sfn_fragments_asl.errors import UntranslatableError
from sfn_fragments_asl.model.paths import MalformedError
from sfn_fragments_asl.model.translation import to_jsonata
from sfn_fragments_batch.bucket_encryption import grant_key, has_own_key
from sfn_fragments_batch.execution_role import grant_pulling, grant_reading, grant_writing
from sfn_fragments_batch.fargate import fargate_problems
from sfn_fragments_batch.given_options import LACKING, with_options, written_options
from sfn_fragments_batch.mount_points import (
    AWSBatchMixins,
    config_problems,
    mount_problems,
    own_configuration,
)
from sfn_fragments_batch.names import named
from sfn_fragments_batch.option_table import SETTINGS, STATES
from sfn_fragments_batch.settings import FIXED, Settings, is_computed, settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from constructs import Construct

    from sfn_fragments_batch.job_options import JobOptions
    from sfn_fragments_batch.mount_points import MountPointConfiguration

#: Where requests and responses are kept in the bucket, unless a key prefix is given.
DEFAULT_KEY_PREFIX = "scratch/"

#: Settings that an execution's input may override, where a fragment takes overrides.
OVERRIDABLE = (
    "bucket_name",
    "command",
    "environment",
    "execution_role_arn",
    "gpu",
    "job_queue",
    "job_role_arn",
    "key_prefix",
    "memory",
    "mount_points",
    "platform_capabilities",
    "vcpus",
    "volumes",
)

#: Characters of the name of a job, or of a job definition:
#: https://docs.aws.amazon.com/batch/latest/APIReference/API_SubmitJob.html
MAX_JOB_NAME = 128
#: A hyphen and a UUID end the names of the jobs and job definitions that fragments make.
UNIQUE_PART = 37
#: Of a job definition's name, its revision and the name of an EFS volume together.
_MAX_VOLUME_NAME = 139
#: Seconds, Batch's least: https://docs.aws.amazon.com/batch/latest/APIReference/API_JobTimeout.html
LEAST_TIMEOUT = 60
_MOST_TIMEOUT = 2**31 - 1

_LETTERS = "[A-Za-z0-9_-]+"
# S3's keys have 1,024 bytes; execution, id and the names of the documents follow the prefix.
_MAX_KEY_PREFIX = 800

_AMOUNTS = ("memory", "vcpus", "gpu")


def amount(lowest: float, unit: str) -> Rule:
    """A rule for memory, vCPUs or GPUs: a number, also as a text.

    Args:
        lowest: The least that Batch takes.
        unit: The unit, for the remedy.
    """
    remedy = f"give {lowest} {unit} or more, or a reference path"
    # Batch counts vCPUs in fractions, on Fargate, and the others whole.
    whole = unit != "vCPUs"
    check = number(lowest, whole=whole)
    digits = re.compile(r"[0-9]+" if whole else r"[0-9]+(\.[0-9]+)?")

    def rule(value: Any) -> str | None:
        if isinstance(value, str):
            value = float(value) if digits.fullmatch(value) else None
        return None if check(value) is None else remedy

    return computable(rule, single=True)


def plain_amount(value: Any) -> Any:
    """An amount as Batch reads it: 2048 for 2048.0."""
    if isinstance(value, float) and is_literal(value) and value == int(value):
        return int(value)
    return value


def job_name(env_base: Any) -> Rule:
    """A rule for what begins the names of a job and of its definition."""
    name = prefixed_name("a name", env_base, MAX_JOB_NAME, _LETTERS, room=UNIQUE_PART)
    return computable(name, single=True)


def timeout_rule(value: Any) -> str | None:
    """A rule for how long an attempt of a job may take: a duration, or seconds."""
    remedy = f"give {LEAST_TIMEOUT} seconds or more, a duration, or a reference path"
    if isinstance(value, Duration):
        if value.is_unresolved():
            return None
        value = timeout_seconds(value)
    elif isinstance(value, str):
        return malformed(value, single=True) if not is_literal(value) else remedy
    return remedy if number(LEAST_TIMEOUT, _MOST_TIMEOUT, whole=True)(value) else None


def _patience(value: Any) -> str | None:
    """A rule for how long a job may wait: known at synthesis, for it makes the states."""
    if isinstance(value, str) or is_token(value):
        return f"give {LEAST_TIMEOUT} seconds or more, or a duration, known at synthesis"
    return timeout_rule(value)


def command_rule(value: Any) -> str | None:
    """A rule for a command: a list of texts, or one line."""
    if isinstance(value, str):
        if not is_literal(value):
            return malformed(value)
        try:
            shlex.split(value)
        except ValueError as error:
            return f"the line does not split into words ({error}): give a list of texts"
        return None
    if is_token(value):
        return None
    if not isinstance(value, Sequence) or not all(isinstance(word, str) for word in value):
        return "give a list of texts, or one line"
    return next((remedy for word in value if (remedy := malformed(word))), None)


def environment_rule(value: Any) -> str | None:
    """A rule for environment variables: an object of name to value."""
    if isinstance(value, str) and not is_literal(value):
        return malformed(value)
    if is_token(value):
        return None
    if not isinstance(value, Mapping):
        return "give an object of name to value, or a reference path"
    for name, item in value.items():
        if not isinstance(name, str) or not name or "=" in name or "\0" in name:
            return f"{name!r} names no environment variable"
        if name.startswith("AWS_BATCH_"):
            return f"Batch keeps names that begin with AWS_BATCH_ to itself: rename {name}"
        if isinstance(item, str):
            if remedy := malformed(item):
                return f"{name}: {remedy}"
        elif not isinstance(item, bool | int | float) and not is_token(item):
            return f"{name}: give a text"
    return None


def _key_prefix(value: Any) -> str | None:
    if isinstance(value, str) and value.startswith("/"):
        return "leave out the slash at its beginning"
    return text("a key prefix", longest=_MAX_KEY_PREFIX)(value)


def _platforms(value: Any) -> str | None:
    remedy = "give ['EC2'] or ['FARGATE'], or a reference path"
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        return remedy
    one_of = computable(choice("EC2", "FARGATE"))
    if any(not isinstance(one, str) or one_of(one) is not None for one in value):
        return remedy
    return remedy if len(set(value)) < len(value) else None


IMAGE_RULE = computable(text("an image", longest=255, pattern="[A-Za-z0-9_./:@#-]+"), single=True)
QUEUE_RULE = computable(
    text("a job queue's name or ARN", pattern=r"[A-Za-z0-9_-]{1,128}|arn:\S+"), single=True
)
_TEXT_RULE = computable(text("a text", pattern=r"\S+"), single=True)
_MEMORY, _VCPUS, _GPU = amount(4, "MiB"), amount(0.25, "vCPUs"), amount(0, "GPUs")


def job_rules(env_base: Any) -> dict[str, Rule]:
    """The rules of a job's settings, each by itself.

    Args:
        env_base: Environment base, which begins the names.
    """
    return {
        "name": job_name(env_base),
        "image": IMAGE_RULE,
        "handler": _TEXT_RULE,
        "executor": _TEXT_RULE,
        "job_queue": QUEUE_RULE,
        "bucket_name": BUCKET_NAME_RULE,
        "memory": optional(_MEMORY),
        "vcpus": optional(_VCPUS),
        "gpu": optional(_GPU),
        "key_prefix": optional(computable(_key_prefix, single=True)),
        "command": optional(command_rule),
        "environment": optional(environment_rule),
        "platform_capabilities": optional(computable(_platforms)),
        "job_role_arn": optional(_TEXT_RULE),
        "execution_role_arn": optional(_TEXT_RULE),
        "timeout": optional(timeout_rule),
        "fallback_job_queue": optional(QUEUE_RULE),
        "runnable_timeout": optional(_patience),
        "failure_summary": optional(flag),
        "memory_growth": optional(listed("amounts in MiB", _MEMORY, least=1)),
        "job_definition": optional(_TEXT_RULE),
        "deploy_job_definition": flag,
        "payload_path": optional(data_path),
        "overrides_path": optional(data_path),
    }


#: What the operations, of one state each, have besides.
_OPERATION_RULES: Mapping[str, Rule] = {
    "scope": scope_rule,
    "id": construct_id,
    # A UUID is added to it, and nothing to the name of a job.
    "job_definition_name": job_name(None),
    "job_name": computable(
        text("a job's name", longest=MAX_JOB_NAME, pattern="[A-Za-z0-9][A-Za-z0-9_-]*"),
        single=True,
    ),
    "job_definition": _TEXT_RULE,
    "parameters": optional(json_object),
    "result_path": result_path,
    "output_path": optional(data_path),
}


def _image_rule(value: Any) -> str | None:
    """A rule for an image: an asset, a repository, or a URI."""
    repository = instance("a repository", "repository_uri")
    if repository(value) is None:
        return None
    return named_or("an image, a repository or a URI", "image_uri", IMAGE_RULE)(value)


def _memory(value: Any) -> str | None:
    """A rule for memory: an amount, or several, of which each is more than the one before."""
    if isinstance(value, str) or is_token(value) or not isinstance(value, list | tuple):
        return _MEMORY(value)
    return listed("amounts in MiB", _MEMORY, least=2)(value)


#: What the fragments that run a given handler have in common, by the names that they give it.
HANDLER_JOB_RULES: Mapping[str, Rule] = {
    "aibs_informatics_docker_asset": _image_rule,
    "batch_job_queue": named_or("a job queue, its name or ARN", "job_queue_arn", QUEUE_RULE),
    "scaffolding_bucket": named_or("a bucket or its name", "bucket_name", BUCKET_NAME_RULE),
    "batch_job_role": optional(named_or("a role or its ARN", "role_arn", _TEXT_RULE)),
    "memory": _memory,
    "vcpus": _VCPUS,
    "timeout": optional(timeout_rule),
    "deploy_job_definition": flag,
}


def handler_job_problems(
    scope: Any,
    id: Any,
    env_base: Any,
    mount_point_configs: Any,
    job_options: Any = None,
    lacking: Mapping[str, str] = LACKING,
    **given: Any,
) -> list[InvalidValue]:
    """What is wrong with the parameters of a fragment that runs a given handler.

    Args:
        scope: The construct that holds the fragment.
        id: Its id.
        env_base: Environment base.
        mount_point_configs: File systems to mount, as a list, or ``None``.
        job_options: Options of the job, or ``None``.
        lacking: Options that the fragment does not have, and why.
        **given: Those of `HANDLER_JOB_RULES` that the fragment takes.

    Returns:
        The problems.
    """
    problems = [
        *fragment_problems(scope, id, env_base),
        *problems_of(given, HANDLER_JOB_RULES),
        *config_problems(mount_point_configs),
    ]
    names = {"job_role_arn": "batch_job_role", "job_queue": "batch_job_queue"}
    own = {name: given.get(parameter) for name, parameter in names.items()}
    _, settings, found = with_options(
        scope,
        env_base,
        job_options,
        {"execution_role_arn": None, **given, **own, **_growing(given)},
        renamed=names,
        deployed=given.get("deploy_job_definition") is True,
        fits=True,
        lacking=lacking,
    )
    problems += problems_of(
        {name: settings[name] for name in STATES if name in settings},
        {
            "fallback_job_queue": HANDLER_JOB_RULES["batch_job_queue"],
            "runnable_timeout": _patience,
            "failure_summary": flag,
        },
    )
    problems += found
    return [*problems, *_resource_problems(settings, problems)]


def planned_job_problems(options: JobOptions, settings: Mapping[str, Any]) -> list[InvalidValue]:
    """What is wrong with the options of a job whose image and resources are planned elsewhere.

    Args:
        options: Its options.
        settings: The settings that they give.

    Returns:
        The problems of those that are parameters of other fragments, and of those that make states.
    """
    given = {
        setting: settings.get(setting)
        for option, setting in [*SETTINGS.items(), *zip(STATES, STATES, strict=True)]
        if getattr(options, option) is not None
    }
    problems = problems_of(named(given), job_rules(None))
    if not problems:
        known = ("platform_capabilities", "execution_role_arn")
        problems = _resource_problems({name: settings.get(name) for name in known}, [])
    names = {setting: option for option, setting in SETTINGS.items()}
    return [
        InvalidValue(
            f"job_options.{names.get(one.parameter, one.parameter)}", one.value, one.remedy
        )
        for one in problems
    ]


def job_settings(
    subject: str,
    *,
    problems: Sequence[InvalidValue] = (),
    env_base: Any = None,
    mount_point_configs: Iterable[MountPointConfiguration] | None = None,
    deploy_job_definition: bool = False,
    renamed: Mapping[str, str] | None = None,
    scope: Construct | None = None,
    job_options: JobOptions | None = None,
    defaults: Mapping[str, Any] | None = None,
    fits: bool = False,
    lacking: Mapping[str, str] = LACKING,
    **given: Any,
) -> dict[str, Any]:
    """Check the settings of a job, and bring them into one form.

    Args:
        subject: The fragment, for error messages.
        problems: What was found of other parameters, to be raised with what is found here.
        env_base: Environment base, which begins the names.
        mount_point_configs: File systems to mount, instead of ``mount_points`` and ``volumes``.
        deploy_job_definition: Whether the job definition is part of the stack.
        renamed: Names of settings, and what the fragment calls the parameter.
        scope: The construct that will hold the fragment; plugins are asked for the organisation's
            options with it.
        job_options: Options that the construct itself gives.
        defaults: Settings, where neither parameters nor options give them.
        fits: Whether memory and vCPUs may be a default of the fragment, which is then made one that
            Fargate has.
        lacking: Options that the fragment does not have, and why.
        **given: The settings, and the fragment's ``payload_path`` and ``overrides_path``.

    Returns:
        The settings, without those that are ``None`` and without the two paths.

    Raises:
        InvalidParametersError: Some cannot work; all of them are named.
    """
    configs = items_of(mount_point_configs)
    given |= _growing(given)
    options, given, found = with_options(
        scope,
        env_base,
        job_options,
        given,
        renamed=renamed,
        defaults=defaults,
        deployed=deploy_job_definition is True,
        fits=fits,
        lacking=lacking,
    )
    job_role, bucket = given.get("job_role_arn"), given.get("bucket_name")
    execution_role, image = given.get("execution_role_arn"), given.get("image")
    given = named(given)
    found += problems_of(
        {**given, "deploy_job_definition": deploy_job_definition}, job_rules(env_base)
    )
    exists = given.get("job_definition") is not None
    found += _missing_resources(given, deploy_job_definition is True or exists)
    found += config_problems(configs)
    if configs is not None:
        found += [
            InvalidValue(name, given[name], "give mount_point_configs or this, not both")
            for name in ("mount_points", "volumes")
            if given.get(name) is not None
        ]
    found += mount_problems(given.get("mount_points"), given.get("volumes"))
    found += _resource_problems(given, found)
    found += untranslatable(given)
    found += untranslatable_options(options)
    if deploy_job_definition is True:
        found += _fixed_problems(given)
    found += _volume_name_problems(env_base, given)
    # A list of amounts is one parameter.
    names = {"memory_growth": "memory", **(renamed or {})}
    found = [
        InvalidValue(names.get(one.parameter, one.parameter), one.value, one.remedy)
        for one in found
    ]
    refuse(subject, [*problems, *found])
    if configs is not None:
        given["mount_points"], given["volumes"] = AWSBatchMixins.convert_to_mount_point_and_volumes(
            configs
        )
        if job_role is not None and not isinstance(job_role, str):
            given["job_role_may_mount"] = True
            for config in map(own_configuration, configs):
                config.grant_mount(job_role)
    if has_own_key(bucket or ""):
        given["job_role_lacks_key"] = not grant_key(bucket, job_role)
    given |= written_options(options)
    if not grant_reading(execution_role, options):
        given["execution_role_lacks_secrets"] = True
    grant_writing(execution_role, options.log_configuration)
    grant_pulling(execution_role, image)
    given["command"] = _command(given.get("command"))
    given |= {name: plain_amount(given[name]) for name in _AMOUNTS if name in given}
    for name in ("timeout", "runnable_timeout"):
        if isinstance(given.get(name), Duration):
            given[name] = given[name].to_seconds()
    return {
        name: value
        for name, value in given.items()
        if value is not None and name not in ("payload_path", "overrides_path")
    }


def _growing(given: Mapping[str, Any]) -> dict[str, Any]:
    """A list of amounts of memory as the first and those that may follow."""
    memory = given.get("memory")
    if isinstance(memory, str) or not isinstance(memory, list | tuple) or is_token(memory):
        return {}
    first, *growth = memory or [None]
    return {"memory": first, "memory_growth": growth or None}


def untranslatable(values: Mapping[str, Any]) -> list[InvalidValue]:
    """The settings that the first state could not resolve.

    Args:
        values: Name to setting.

    Returns:
        A problem for each.
    """
    return [
        InvalidValue(name, value, remedy)
        for name, value in values.items()
        if (remedy := next(_untranslatable(value), None))
    ]


def untranslatable_options(options: JobOptions, resolved: Sequence[str] = ()) -> list[InvalidValue]:
    """The options that the first state could not resolve.

    Args:
        options: The options.
        resolved: Names of those that another state resolves.

    Returns:
        A problem for each.
    """
    values = {name: value for name, value in vars(options).items() if name not in resolved}
    return [
        InvalidValue(f"job_options.{one.parameter}", one.value, one.remedy)
        for one in untranslatable(values)
    ]


def _untranslatable(value: Any) -> Iterator[str]:
    value = settled(value)
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _untranslatable(item)
    elif is_dynamic(value):
        try:
            to_jsonata(value)
        except UntranslatableError as error:
            yield f"{error.problem}: {error.remedy}"
        except MalformedError:
            # Found by the rule of the setting.
            return


def check_operation(operation: str, **given: Any) -> None:
    """Refuse the parameters of a single state that cannot work.

    Args:
        operation: Name of the operation, for error messages.
        **given: Its parameters.

    Raises:
        InvalidParametersError: Some cannot work; all of them are named.
    """
    found = problems_of(given, {**job_rules(None), **_OPERATION_RULES})
    found += mount_problems(given.get("mount_points"), given.get("volumes"))
    if operation == "register_job_definition":
        found += _missing_resources(given, deployed=False)
        found += _resource_problems(given, found)
    refuse(f"BatchOperation.{operation} {given['id']!r}", found)


def job_seconds(settings: Mapping[str, Any]) -> int | None:
    """How long an attempt of the job may take, where that is known at synthesis."""
    timeout = settings.get("timeout")
    return None if timeout is None or not is_literal(timeout) else int(timeout)


def _missing_resources(given: Mapping[str, Any], deployed: object) -> list[InvalidValue]:
    # A definition of the stack has defaults for them.
    return [
        InvalidValue(name, None, f"Batch takes no job without: {remedy}")
        for name, remedy in (("memory", "give MiB"), ("vcpus", "give a number"))
        if name in given and given[name] is None and deployed is not True
    ]


def _resource_problems(
    given: Mapping[str, Any], found: Sequence[InvalidValue]
) -> list[InvalidValue]:
    """What is wrong with resources together, of those that are right by themselves."""
    wrong = {problem.parameter for problem in found}
    right = {name: value for name, value in given.items() if name not in wrong}
    platforms = right.get("platform_capabilities")
    if "platform_capabilities" in wrong or (platforms is not None and not is_literal(platforms)):
        return []
    listed = list(platforms or ["EC2"])
    if any(is_dynamic(one) for one in listed):
        return []
    problems = []
    if "FARGATE" in listed:
        problems += fargate_problems(right.get("memory"), right.get("vcpus"), right.get("gpu"))
        for more in right.get("memory_growth") or []:
            problems += [
                one
                for one in fargate_problems(more, right.get("vcpus"), None)
                if one.parameter == "memory"
            ]
        exists = given.get("job_definition") is not None
        if not exists and right.get("execution_role_arn", "wrong") is None:
            remedy = "give the ARN of a role that may pull the image: FARGATE takes no job without"
            problems.append(InvalidValue("execution_role_arn", None, remedy))
    elif _is_fraction(right.get("vcpus")):
        remedy = "give a whole number: Batch has fractions of a vCPU on FARGATE alone"
        problems.append(InvalidValue("vcpus", right["vcpus"], remedy))
    return problems


def _is_fraction(value: Any) -> bool:
    return value is not None and is_literal(value) and float(value) != int(float(value))


def _fixed_problems(given: Mapping[str, Any]) -> list[InvalidValue]:
    return [
        InvalidValue(
            name,
            given[name],
            "SubmitJob cannot override it: give a literal, or leave out deploy_job_definition",
        )
        for name in FIXED
        if given.get(name) is not None and is_computed(settled(given[name]))
    ]


def _volume_name_problems(env_base: Any, given: Mapping[str, Any]) -> list[InvalidValue]:
    name, volumes = given.get("name"), given.get("volumes")
    if not isinstance(name, str) or not is_literal(name) or not isinstance(volumes, list | tuple):
        return []
    problems = []
    for index, volume in enumerate(volumes):
        called = _volume_name(volume)
        if called is None:
            continue
        # One character of the revision, which is always the first.
        longest = _MAX_VOLUME_NAME - UNIQUE_PART - 1 - len(called)
        remedy = prefixed_name("a name", env_base, longest, _LETTERS)(name)
        if remedy is not None and job_name(env_base)(name) is None:
            problems.append(
                InvalidValue(
                    f"volumes[{index}].name",
                    called,
                    "shorten it: with the name of the job definition and its revision, an EFS "
                    f"volume's name has at most {_MAX_VOLUME_NAME} characters",
                )
            )
    return problems


def _volume_name(volume: Any) -> str | None:
    """The name of an EFS volume, as far as it is known."""
    if not isinstance(volume, Mapping):
        return None
    known = {str(key)[:1].lower() + str(key)[1:]: value for key, value in volume.items()}
    called = known.get("name")
    if "efsVolumeConfiguration" in known and isinstance(called, str) and is_literal(called):
        return called
    return None


def _command(command: Sequence[str] | str | None) -> Any:
    """The command as a list; none, where the image's own is to run."""
    if isinstance(command, str) and is_literal(command):
        return shlex.split(command) or None
    return command


def overridable_values(
    subject: str,
    *,
    mount_point_configs: Iterable[MountPointConfiguration] | None = None,
    **given: Any,
) -> dict[str, Any]:
    """The settings of a job as defaults, which an execution's input overrides.

    Args:
        subject: The fragment, for error messages.
        mount_point_configs: File systems to mount.
        **given: The defaults, and what `job_settings` takes besides.

    Returns:
        The settings; those that can be overridden have a value.

    Raises:
        InvalidParametersError: Some defaults cannot work; all of them are named.
    """
    # Without a default there would be nothing to override.
    defaults = {
        "key_prefix": DEFAULT_KEY_PREFIX,
        "environment": {},
        "platform_capabilities": ["EC2"],
    }
    configs = [] if mount_point_configs is None else mount_point_configs
    values = job_settings(
        subject, mount_point_configs=configs, defaults=defaults, fits=True, **given
    )
    values.setdefault("command", [])
    return values


def with_open_roles(values: Mapping[str, Any]) -> dict[str, Any]:
    """Defaults by which an execution may name the roles of its job where there is no default.

    Args:
        values: What `overridable_values` has made of the defaults.

    Returns:
        The same, with ``None`` for a role that has no default.
    """
    return {"job_role_arn": None, "execution_role_arn": None, **values}


def overridable_settings(
    scope: Construct,
    values: Mapping[str, Any],
    overrides_path: str,
    *,
    also: Sequence[str] = (),
    deploy_job_definition: bool = False,
) -> Settings:
    """Settings that an execution's input overrides.

    Args:
        scope: The fragment.
        values: What `overridable_values` has made of the defaults; those that are ``None``
            have none, and can be overridden all the same.
        overrides_path: Reference path of the object that overrides.
        also: Names of settings that can be overridden, besides `OVERRIDABLE`.
        deploy_job_definition: Whether the job definition is part of the stack.

    Returns:
        The settings.
    """
    return Settings(
        scope,
        values,
        overrides_path,
        [*OVERRIDABLE, *also],
        deploy_job_definition=deploy_job_definition,
    )
