"""EFS file systems and access points, as the volumes and mount points of a Batch job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from aws_cdk import Stack

from sfn_fragments.errors import InvalidParametersError, InvalidValue
from sfn_fragments.utils import convert_to_sfn_api_action_case
from sfn_fragments.validation import (
    Rule,
    computable,
    flag,
    instance,
    is_literal,
    is_token,
    items_of,
    json_object,
    malformed,
    optional,
    problems_of,
    refuse,
    require,
    text,
)
from sfn_fragments_batch.names import asked_once

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk.aws_efs import AccessPoint, FileSystem, IAccessPoint, IFileSystem
    from aws_cdk.aws_iam import IRole


@dataclass
class MountPointConfiguration:
    """Where a file system, or an access point of it, is mounted.

    Args:
        file_system: The file system; may be left out where an access point is given.
        access_point: The access point.
        mount_point: Absolute path in the container.
        root_directory: Directory of the file system to mount; access points have their own.
        read_only: Whether it is mounted read-only.
        iam_authorization: Whether the job's role is asked whether it may mount, as a file system
            wants that denies anonymous clients; the job then needs a role with
            ``elasticfilesystem:ClientMount``, and ``ClientWrite`` to write. Defaults to whether
            the policy of a file system of this app denies them, as CDK makes it in apps with
            ``@aws-cdk/aws-efs:denyAnonymousAccess``, and to no otherwise.
        transit_encryption: Whether data goes over TLS. Defaults to yes with an access point or
            with authorization, which both need it, and to no otherwise.

    Raises:
        InvalidParametersError: Neither file system nor access point is given, the access point
            is of another file system, the mount point is not an absolute path, or TLS is off
            where it is needed.

    Examples:
        ``MountPointConfiguration.from_file_system(file_system, mount_point="/opt/data")``
    """

    file_system: FileSystem | IFileSystem | None
    access_point: AccessPoint | IAccessPoint | None
    mount_point: str
    root_directory: str | None = None
    read_only: bool = False
    iam_authorization: bool | None = None
    transit_encryption: bool | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be mounted."""
        problems = problems_of(vars(self), _CONFIGURATION_RULES)
        if self.file_system is None and self.access_point is None:
            remedy = "give a file system or an access point"
            problems.insert(0, InvalidValue("file_system", None, remedy))
        elif not {"file_system", "access_point"} & {problem.parameter for problem in problems}:
            problems += self._access_point_problems()
            if not problems and self.transit_encryption is False and self._needs_tls:
                remedy = "leave it out: access points and IAM authorization need TLS"
                problems.append(InvalidValue("transit_encryption", False, remedy))
        refuse("MountPointConfiguration", problems)

    def _access_point_problems(self) -> list[InvalidValue]:
        if self.access_point is None:
            return []
        own = _id_of(_file_system_of("MountPointConfiguration", self.access_point))
        problems = []
        if self.file_system is not None and own != _id_of(self.file_system):
            remedy = "give an access point of this file system, or it alone"
            problems.append(InvalidValue("access_point", own, remedy))
        if self.root_directory not in (None, "/"):
            remedy = "leave it out: an access point has its own"
            problems.append(InvalidValue("root_directory", self.root_directory, remedy))
        return problems

    @classmethod
    def from_file_system(
        cls,
        file_system: FileSystem | IFileSystem,
        root_directory: str | None = None,
        mount_point: str | None = None,
        read_only: bool = False,
    ) -> MountPointConfiguration:
        """Mount a file system.

        Args:
            file_system: The file system.
            root_directory: Directory of it to mount. Defaults to ``/``.
            mount_point: Absolute path in the container. Defaults to ``/opt/efs/<id>``.
            read_only: Whether it is mounted read-only.

        Returns:
            The configuration.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        require(
            "MountPointConfiguration.from_file_system",
            {
                "file_system": file_system,
                "root_directory": root_directory,
                "mount_point": mount_point,
                "read_only": read_only,
            },
            {
                **_CONFIGURATION_RULES,
                "file_system": _file_system,
                "mount_point": optional(container_path),
            },
        )
        return cls(
            file_system=file_system,
            access_point=None,
            mount_point=mount_point or f"/opt/efs/{_id_of(file_system)}",
            root_directory=root_directory or "/",
            read_only=read_only,
        )

    @classmethod
    def from_access_point(
        cls,
        access_point: AccessPoint | IAccessPoint,
        mount_point: str | None = None,
        read_only: bool = False,
    ) -> MountPointConfiguration:
        """Mount an access point.

        Args:
            access_point: The access point.
            mount_point: Absolute path in the container. Defaults to ``/opt/efs/<id>``.
            read_only: Whether it is mounted read-only.

        Returns:
            The configuration.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        subject = "MountPointConfiguration.from_access_point"
        require(
            subject,
            {"access_point": access_point, "mount_point": mount_point, "read_only": read_only},
            {
                **_CONFIGURATION_RULES,
                "access_point": _access_point,
                "mount_point": optional(container_path),
            },
        )
        return cls(
            file_system=_file_system_of(subject, access_point),
            access_point=access_point,
            mount_point=mount_point or f"/opt/efs/{asked_once(access_point, 'access_point_id')}",
            read_only=read_only,
        )

    @property
    def file_system_id(self) -> str:
        """Id of the file system."""
        return _id_of(self._mounted_file_system)

    @property
    def access_point_id(self) -> str | None:
        """Id of the access point, if there is one."""
        if self.access_point is None:
            return None
        access_point_id: str = asked_once(self.access_point, "access_point_id")
        return access_point_id

    @property
    def is_authorized_by_iam(self) -> bool:
        """Whether the job's role is asked whether it may mount."""
        if self.iam_authorization is not None:
            return self.iam_authorization
        return denies_anonymous_clients(self._mounted_file_system)

    @property
    def _needs_tls(self) -> bool:
        return self.access_point is not None or self.is_authorized_by_iam

    @property
    def _mounted_file_system(self) -> Any:
        if self.access_point is not None:
            return _file_system_of("MountPointConfiguration", self.access_point)
        return self.file_system

    def grant_mount(self, role: IRole) -> None:
        """Allow a role to mount it, and to write unless it is read-only.

        Args:
            role: The role of a job.
        """
        if not self.is_authorized_by_iam:
            return
        from aws_cdk.aws_iam import PolicyStatement

        actions = ["ClientMount"] if self.read_only else ["ClientMount", "ClientWrite"]
        point = self.access_point
        arn = None if point is None else asked_once(point, "access_point_arn")
        role.add_to_principal_policy(
            PolicyStatement(
                actions=[f"elasticfilesystem:{action}" for action in actions],
                resources=[asked_once(self._mounted_file_system, "file_system_arn")],
                conditions=arn and {"StringEquals": {"elasticfilesystem:AccessPointArn": arn}},
            )
        )

    def to_batch_mount_point(self, name: str, sfn_format: bool = False) -> dict[str, Any]:
        """The mount point of a job definition.

        Args:
            name: Name of the volume.
            sfn_format: Write keys as Step Functions does, ``ContainerPath``.

        Returns:
            The mount point.
        """
        mount_point = {
            "sourceVolume": name,
            "containerPath": self.mount_point,
            "readOnly": self.read_only,
        }
        return convert_to_sfn_api_action_case(mount_point) if sfn_format else mount_point

    def to_batch_volume(self, name: str, sfn_format: bool = False) -> dict[str, Any]:
        """The volume of a job definition.

        Args:
            name: Name of the volume.
            sfn_format: Write keys as Step Functions does, ``EfsVolumeConfiguration``.

        Returns:
            The volume.
        """
        efs: dict[str, Any] = {"fileSystemId": self.file_system_id}
        authorized = self.is_authorized_by_iam
        if self._needs_tls or self.transit_encryption:
            efs["transitEncryption"] = "ENABLED"
        if self.access_point is not None:
            efs["authorizationConfig"] = {
                "accessPointId": self.access_point_id,
                "iam": "ENABLED" if authorized else "DISABLED",
            }
        else:
            if authorized:
                efs["authorizationConfig"] = {"iam": "ENABLED"}
            efs["rootDirectory"] = self.root_directory or "/"
        volume = {"name": name, "efsVolumeConfiguration": efs}
        return convert_to_sfn_api_action_case(volume) if sfn_format else volume

    def to_file_system_configuration(self) -> dict[str, Any]:
        """The file system as the scaffolding handler of a demand execution reads it.

        Returns:
            ``file_system``, ``access_point`` (``None`` without one) and ``container_path``.
        """
        return {
            "file_system": self.file_system_id,
            "access_point": self.access_point_id,
            "container_path": self.mount_point,
        }


_file_system = instance("a file system", "file_system_id")
_access_point = instance("an access point", "access_point_id", "file_system")


def container_path(value: Any) -> str | None:
    """A rule for where a job sees a folder: an absolute path, and not the root."""
    if isinstance(value, str) and is_token(value):
        return None
    if not isinstance(value, str) or not value.startswith("/") or value.strip("/") in ("", "."):
        return "give an absolute path below /, such as /opt/data"
    return text("an absolute path")(value)


def _directory(value: Any) -> str | None:
    if isinstance(value, str) and (value.startswith("/") or is_token(value)):
        return text("an absolute path")(value)
    return "give an absolute path on the file system"


def _id_of(file_system: FileSystem | IFileSystem) -> str:
    file_system_id: str = asked_once(file_system, "file_system_id")
    return file_system_id


def _file_system_of(subject: str, access_point: AccessPoint | IAccessPoint) -> IFileSystem:
    try:
        file_system: IFileSystem = asked_once(access_point, "file_system")
        return file_system
    except RuntimeError:  # of jsii: CDK does not know it
        remedy = "import it by from_access_point_attributes, with its file system"
        problem = InvalidValue("access_point", access_point, remedy)
        raise InvalidParametersError(subject, [problem]) from None


_CONFIGURATION_RULES = {
    "file_system": optional(_file_system),
    "access_point": optional(_access_point),
    "mount_point": container_path,
    "root_directory": optional(_directory),
    "read_only": flag,
    "iam_authorization": optional(flag),
    "transit_encryption": optional(flag),
}

_MOUNT_POINT_RULES = {
    "sourceVolume": computable(text("the name of a volume")),
    "containerPath": computable(container_path),
    "readOnly": computable(flag),
}
_VOLUME_RULES = {
    "name": computable(text("a name", longest=255, pattern="[A-Za-z0-9_-]+")),
    "host": json_object,
    "efsVolumeConfiguration": json_object,
}


def denies_anonymous_clients(file_system: Any) -> bool:
    """Whether a file system of this app lets nobody mount it without authorization by IAM.

    Args:
        file_system: The file system; of an imported one nothing is known.

    Returns:
        True if it has a policy that allows ``elasticfilesystem:ClientMount`` to named principals
        alone, or to none.
    """
    if file_system not in _denying:
        resource = file_system.node.default_child
        policy = None if resource is None else getattr(resource, "file_system_policy", None)
        document: Any = None if policy is None else Stack.of(resource).resolve(policy)
        _denying[file_system] = document is not None and not any(
            _lets_anybody_mount(statement) for statement in document["Statement"]
        )
    return _denying[file_system]


# Each answer takes several round trips to Node.
_denying: WeakKeyDictionary[object, bool] = WeakKeyDictionary()


def _lets_anybody_mount(statement: Mapping[str, Any]) -> bool:
    actions = statement.get("Action", [])
    listed = {actions} if isinstance(actions, str) else set(actions)
    return (
        statement.get("Effect") == "Allow"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and not listed.isdisjoint({"*", "elasticfilesystem:*", "elasticfilesystem:ClientMount"})
    )


def is_configuration(value: object) -> bool:
    """Whether a value is a configuration: of this class, or of the library that it replaces."""
    return isinstance(value, MountPointConfiguration) or all(
        hasattr(value, name)
        for name in ("file_system", "access_point", "mount_point", "to_batch_mount_point")
    )


def own_configuration(value: Any) -> MountPointConfiguration:
    """A configuration as one of this class.

    Args:
        value: What `is_configuration` accepts.
    """
    if isinstance(value, MountPointConfiguration):
        return value
    return MountPointConfiguration(
        file_system=value.file_system,
        access_point=value.access_point,
        mount_point=value.mount_point,
        root_directory=value.root_directory,
        read_only=value.read_only,
    )


def config_problems(configs: Any) -> list[InvalidValue]:
    """What is wrong with mount point configurations.

    Args:
        configs: The parameter ``mount_point_configs``, as a list, or ``None``.

    Returns:
        The problems.
    """
    if configs is None:
        return []
    remedy = "give a list of MountPointConfiguration"
    if not isinstance(configs, list):
        return [InvalidValue("mount_point_configs", configs, remedy)]
    wrong = [one for one in configs if not is_configuration(one)]
    if wrong:
        return [InvalidValue("mount_point_configs", one, remedy) for one in wrong]
    return _repeated("mount_point_configs", [config.mount_point for config in configs])


def mount_problems(mount_points: Any, volumes: Any) -> list[InvalidValue]:
    """What is wrong with mount points and volumes as Batch's API has them.

    Args:
        mount_points: The mount points; ``None``, or a reference path to them.
        volumes: The volumes; ``None``, or a reference path to them.

    Returns:
        The problems.
    """
    points, point_problems = _members("mount_points", mount_points, _MOUNT_POINT_RULES, 2)
    known, volume_problems = _members("volumes", volumes, _VOLUME_RULES, 1)
    names = [volume.get("name") for volume in known]
    problems = [
        *point_problems,
        *_repeated("mount_points", [point.get("containerPath") for point in points]),
        *volume_problems,
        *_repeated("volumes", names, "give each its own name"),
    ]
    if volumes is not None and (isinstance(volumes, str) or not isinstance(volumes, Sequence)):
        return problems
    # Of what is wrong by itself, or computed, it is not known which volume is meant.
    if point_problems or len(names) < len(volumes or []) or not all(map(is_literal, names)):
        return problems
    return [
        *problems,
        *(
            InvalidValue(f"mount_points[{index}].sourceVolume", source, "give the name of a volume")
            for index, point in enumerate(points)
            if is_literal(source := point.get("sourceVolume")) and source not in names
        ),
    ]


def _members(
    parameter: str, given: Any, rules: Mapping[str, Rule], required: int
) -> tuple[list[dict[str, Any]], list[InvalidValue]]:
    """The objects of a list, with keys as Batch's API has them, and what is wrong with them."""
    if given is None or is_token(given):
        return [], []
    if isinstance(given, str) and not is_literal(given):
        remedy = malformed(given)
        return [], [] if remedy is None else [InvalidValue(parameter, given, remedy)]
    if isinstance(given, str) or not isinstance(given, Sequence):
        return [], [InvalidValue(parameter, given, "give a list of objects, or a reference path")]
    members, problems = [], []
    for index, one in enumerate(given):
        place = f"{parameter}[{index}]"
        if is_token(one):
            continue
        if not isinstance(one, Mapping) or not all(isinstance(key, str) and key for key in one):
            problems.append(InvalidValue(place, one, f"give an object with {', '.join(rules)}"))
            continue
        # Step Functions writes keys in upper case.
        member = {key[:1].lower() + key[1:]: value for key, value in one.items()}
        for key in member:
            if key.removesuffix(".$") not in rules:
                remedy = f"there is no such key; there are: {', '.join(rules)}"
                problems.append(InvalidValue(f"{place}.{key}", member[key], remedy))
        problems += [
            InvalidValue(f"{place}.{key}", None, "it is required")
            for key in list(rules)[:required]
            if key not in member and f"{key}.$" not in member
        ]
        problems += [
            InvalidValue(f"{place}.{found.parameter}", found.value, found.remedy)
            for found in problems_of(member, rules)
        ]
        members.append(member)
    return members, problems


def _repeated(
    parameter: str, values: Sequence[Any], remedy: str = "give each its own path"
) -> list[InvalidValue]:
    """A problem for each literal that is there more than once."""
    known = [value.rstrip("/") for value in values if isinstance(value, str) and is_literal(value)]
    return [
        InvalidValue(parameter, value, remedy)
        for value in dict.fromkeys(known)
        if known.count(value) > 1
    ]


class AWSBatchMixins:
    """Converts mount point configurations for Batch."""

    @classmethod
    def convert_to_mount_point_and_volumes(
        cls, mount_point_configs: Iterable[MountPointConfiguration]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The mount points and volumes of a job definition.

        Args:
            mount_point_configs: The configurations.

        Returns:
            Mount points and volumes, with keys as Step Functions writes them, ``ContainerPath``.

        Raises:
            InvalidParametersError: These are no configurations, or two have the same mount point.
        """
        configs = items_of(mount_point_configs)
        refuse("mount_point_configs", config_problems(configs))
        configs = [own_configuration(one) for one in configs]
        # A short name: AWS limits family, revision and volume name together to 139 characters.
        names = [f"efs-vol{index}" for index in range(len(configs))]
        return (
            [
                config.to_batch_mount_point(name, sfn_format=True)
                for config, name in zip(configs, names, strict=True)
            ],
            [
                config.to_batch_volume(name, sfn_format=True)
                for config, name in zip(configs, names, strict=True)
            ],
        )
