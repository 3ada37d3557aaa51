"""The file systems of a demand execution: candidates for each role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments.errors import InvalidValue
from sfn_fragments.validation import choice, computable, optional, problems_of, refuse
from sfn_fragments_batch.mount_points import is_configuration, own_configuration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfn_fragments_batch import MountPointConfiguration

#: How the handler chooses among the candidates of a role.
SELECTION_STRATEGIES = ("RANDOM",)


@dataclass(frozen=True)
class FileSystems:
    """What the handlers and their jobs are told about the file systems.

    Attributes:
        configurations: ``file_system_configurations`` of the scaffolding request.
        mount_points: Mount points of the jobs of handlers, which mount every candidate.
        volumes: The volumes that belong to them.
        authorized: Ids of those that ask IAM whether a job may mount them.
    """

    configurations: Mapping[str, Any]
    mount_points: list[dict[str, Any]]
    volumes: list[dict[str, Any]]
    authorized: tuple[str, ...]


def file_systems(
    subject: str,
    selection_strategy: str | None,
    roles: Mapping[str, MountPointConfiguration | Sequence[MountPointConfiguration] | None],
) -> FileSystems:
    """Describe the file systems, in the form that the oldest possible handlers understand.

    With one candidate for each role and no strategy, each role is an object. Else each is an
    array, and the key ``selection_strategy`` tells the handlers that know of candidates how to
    choose.

    Args:
        subject: The fragment, for error messages.
        selection_strategy: How one candidate of each role is chosen; ``None`` leaves it to the
            handler, which does so at random.
        roles: Candidates of ``shared``, ``scratch`` and ``tmp``.

    Returns:
        The description.

    Raises:
        InvalidParametersError: ``shared`` or ``scratch`` has no candidate, two have the same
            mount point, or there is no such strategy.
    """
    refuse(subject, file_system_problems(selection_strategy, roles))
    candidates = {role: _listed(given) for role, given in roles.items()}
    several = selection_strategy is not None or any(len(one) > 1 for one in candidates.values())
    configurations: dict[str, Any] = {}
    if several:
        configurations["selection_strategy"] = selection_strategy or SELECTION_STRATEGIES[0]
    mount_points, volumes = [], []
    for role, configs in candidates.items():
        if not configs:
            continue
        listed = [config.to_file_system_configuration() for config in configs]
        configurations[role] = listed if several else listed[0]
        for index, config in enumerate(configs):
            # Short: AWS limits family, revision and volume name together to 139 characters.
            volume = f"{role}{index}" if several else role
            mount_points.append(config.to_batch_mount_point(volume, sfn_format=True))
            volumes.append(config.to_batch_volume(volume, sfn_format=True))
    authorized = [
        config.file_system_id
        for configs in candidates.values()
        for config in configs
        if config.is_authorized_by_iam
    ]
    return FileSystems(
        configurations, mount_points, volumes, authorized=tuple(dict.fromkeys(authorized))
    )


def file_system_problems(
    selection_strategy: str | None,
    roles: Mapping[str, MountPointConfiguration | Sequence[MountPointConfiguration] | None],
) -> list[InvalidValue]:
    """What is wrong with the file systems of a demand execution.

    Args:
        selection_strategy: How one candidate of each role is chosen.
        roles: Candidates of ``shared``, ``scratch`` and ``tmp``.

    Returns:
        The problems.
    """
    candidates = {role: _listed(given) for role, given in roles.items()}
    problems = [*_missing(candidates), *_wrong(candidates)]
    if not problems:
        problems += _repeated(candidates)
    return [*problems, *_unknown(selection_strategy)]


def _wrong(candidates: Mapping[str, list[MountPointConfiguration]]) -> list[InvalidValue]:
    return [
        InvalidValue(f"{role}_mount_point_config", config, "give a MountPointConfiguration")
        for role, configs in candidates.items()
        for config in configs
        if not is_configuration(config)
    ]


def _listed(
    given: MountPointConfiguration | Sequence[MountPointConfiguration] | None,
) -> list[MountPointConfiguration]:
    if given is None:
        return []
    configs = list(given) if isinstance(given, Sequence) else [given]
    return [own_configuration(one) if is_configuration(one) else one for one in configs]


def _missing(candidates: Mapping[str, list[MountPointConfiguration]]) -> list[InvalidValue]:
    return [
        InvalidValue(f"{role}_mount_point_config", candidates[role], "give at least one")
        for role in ("shared", "scratch")
        if not candidates[role]
    ]


def _repeated(candidates: Mapping[str, list[MountPointConfiguration]]) -> list[InvalidValue]:
    problems = []
    known: set[str] = set()
    for role, configs in candidates.items():
        for config in configs:
            if config.mount_point in known:
                remedy = "another candidate has this mount point; all are mounted at once"
                problems.append(
                    InvalidValue(f"{role}_mount_point_config", config.mount_point, remedy)
                )
            known.add(config.mount_point)
    return problems


def _unknown(strategy: str | None) -> list[InvalidValue]:
    rule = optional(computable(choice(*SELECTION_STRATEGIES)))
    return problems_of(
        {"file_system_selection_strategy": strategy}, {"file_system_selection_strategy": rule}
    )
