"""Names, tags and ids of constructs in an environment."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from aws_cdk import Stack, Tags
from aws_cdk.aws_iam import ManagedPolicy
from constructs import Construct

from sfn_fragments.environment import EnvBase, ResourceNameBaseEnum

if TYPE_CHECKING:
    from aws_cdk import Tag
    from aws_cdk.aws_iam import IManagedPolicy, IRole


class EnvBaseConstructMixins:
    """What a construct knows through its environment base: names, ids, tags, region, account.

    The construct that mixes it in sets `env_base`.
    """

    #: The environment base that prefixes names, such as ``dev-x``.
    env_base: EnvBase

    @property
    def is_dev(self) -> bool:
        """Whether the environment is of type ``dev``."""
        return str(self.env_base.env_type) == "dev"

    @property
    def is_test(self) -> bool:
        """Whether the environment is of type ``test``."""
        return str(self.env_base.env_type) == "test"

    @property
    def is_prod(self) -> bool:
        """Whether the environment is of type ``prod``."""
        return str(self.env_base.env_type) == "prod"

    @property
    def is_test_or_prod(self) -> bool:
        """Whether the environment is of type ``test`` or ``prod``."""
        return not self.is_dev

    @property
    def aws_region(self) -> str:
        """Region of the stack; a token where the stack does not name one."""
        return self.get_stack_of().region

    @property
    def aws_account(self) -> str:
        """Account of the stack; a token where the stack does not name one."""
        return self.get_stack_of().account

    @property
    def construct_tags(self) -> list[Tag]:
        """Tags to add with `add_tags`; none unless a subclass says so."""
        return []

    def as_construct(self) -> Construct:
        """This object as the construct that it is.

        Raises:
            TypeError: The class that mixes this in is not a construct.
        """
        if not isinstance(self, Construct):
            raise TypeError(f"{type(self).__name__} is not a construct")
        return self

    def get_stack_of(self, construct: Construct | None = None) -> Stack:
        """The stack of a construct, by default of this one."""
        return Stack.of(construct or self.as_construct())

    def get_construct_id(self, *names: str) -> str:
        """An id that begins with the environment base."""
        return self.build_construct_id(self.env_base, *names)

    @classmethod
    def build_construct_id(cls, env_base: EnvBase, *names: str) -> str:
        """An id that begins with the given environment base."""
        return env_base.get_construct_id(*names)

    def get_child_id(self, scope: Construct, *names: str) -> str:
        """An id for a child, without the environment base where the parent's id has it."""
        if scope.node.id.startswith(self.env_base):
            return "-".join(names)
        return self.get_construct_id(*names)

    def get_name_with_env(self, *names: str) -> str:
        """A name that begins with the environment base."""
        return self.env_base.prefixed(*names)

    def get_resource_name(self, name: ResourceNameBaseEnum | str) -> str:
        """The full name of a resource, which begins with the environment base."""
        if isinstance(name, ResourceNameBaseEnum):
            return name.get_name(self.env_base)
        return self.env_base.get_resource_name(name)

    def add_tags(self, *tags: Tag) -> None:
        """Tag this construct and all below it."""
        for tag in tags:
            Tags.of(self.as_construct()).add(key=tag.key, value=tag.value)

    @staticmethod
    def add_managed_policies(role: IRole | None, *managed_policies: IManagedPolicy | str) -> None:
        """Attach managed policies, AWS's own by name, to a role, where there is one."""
        if role is not None:
            for policy in managed_policies:
                role.add_managed_policy(managed_policy(policy))

    def normalize_construct_id(
        self, construct_id: str, max_size: int = 64, hash_size: int = 8
    ) -> str:
        """Make an id of letters, digits and dashes, no longer than asked.

        Args:
            construct_id: Any text.
            max_size: Longest length.
            hash_size: Length of the hash that stands for what a longer text loses.

        Returns:
            The id; the same for the same text.

        Raises:
            ValueError: ``max_size`` leaves no room for the hash.
        """
        if max_size < hash_size:
            raise ValueError(f"max_size {max_size} is below hash_size {hash_size}: raise it")
        normalized = re.sub(r"[^A-Za-z0-9]+", "-", construct_id)
        if len(normalized) <= max_size:
            return normalized
        digest = hashlib.sha256(construct_id.encode()).hexdigest()[:hash_size]
        return normalized[: max_size - hash_size] + digest


def managed_policy(policy: IManagedPolicy | str) -> IManagedPolicy:
    """A managed policy, AWS's own where it is given by name."""
    return ManagedPolicy.from_aws_managed_policy_name(policy) if isinstance(policy, str) else policy
