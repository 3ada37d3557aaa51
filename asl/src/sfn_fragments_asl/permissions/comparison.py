"""What the role of a state machine lacks, and what it has besides, as far as a template tells.

Nothing is guessed. What is missing is allowed by no statement, whatever CloudFormation fills in and
whichever conditions hold; what is not needed has nothing in common with what is. The rest is told
as what it is: not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.json_data import mapping
from sfn_fragments_asl.permissions.resource_texts import ResourceTexts, allows, may_allow
from sfn_fragments_asl.permissions.role_report import RoleStatement, resource_text
from sfn_fragments_asl.reading.intrinsics import branches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sfn_fragments_asl.reading.given_roles import GivenRole

#: Stands for actions that only CloudFormation knows.
_OPEN = "${"
# A name that is taken out of what only CloudFormation knows.
_TAKEN_OUT = re.compile(r"\$\{\w+Of:(\w+)\}")
_INVOKE = "lambda:InvokeFunction"
_ACTIVITY = "AWS::StepFunctions::Activity"


@dataclass(frozen=True)
class GivenStatement:
    """A statement of a role.

    Attributes:
        place: The policy that it is in.
        allows: Whether its effect is ``Allow``.
        actions: Patterns of actions.
        not_actions: Whether it is about all actions but these.
        resources: Patterns of ARNs, with markers.
        not_resources: Whether it is about all resources but these.
        conditions: Its conditions, as the template has them.
        sure: Whether it is there in every deployment.
        patterns: Its resources written out, where somebody has done that.
    """

    place: str
    allows: bool
    actions: tuple[str, ...]
    not_actions: bool = False
    resources: tuple[str, ...] = ("*",)
    not_resources: bool = False
    conditions: Mapping[str, Any] = field(default_factory=dict)
    sure: bool = True
    patterns: tuple[str, ...] = ()

    def names(self, action: str) -> bool:
        """Whether it is surely about an action."""
        return _named(self.actions, action) is not self.not_actions

    def may_name(self, action: str) -> bool:
        """Whether it is about an action, for some value of what only CloudFormation knows."""
        return self.names(action) or any(_OPEN in each for each in self.actions)


@lru_cache(maxsize=4096)
def _action_pattern(pattern: str) -> re.Pattern[str]:
    text = re.escape(pattern.lower()).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text, re.DOTALL)


def _named(patterns: Sequence[str], action: str) -> bool:
    return any(_action_pattern(each).fullmatch(action.lower()) for each in patterns)


def given_statements(role: GivenRole) -> list[GivenStatement]:
    """The statements of a role.

    Args:
        role: The role, as far as its template tells.
    """
    return [
        statement
        for policy in role.policies
        for each, sure in branches(mapping(policy.document).get("Statement"))
        for statement in _read(policy.place, mapping(each), sure=sure and policy.sure)
    ]


def _effects(given: Any) -> Iterator[tuple[bool, bool]]:
    """Whether a statement may allow or deny, each with whether it surely does."""
    for effect, sure in branches(given):
        if isinstance(effect, str):
            yield effect == "Allow", sure
        else:
            yield from ((True, False), (False, False))


def _read(place: str, statement: Mapping[str, Any], *, sure: bool) -> Iterator[GivenStatement]:
    actions, all_sure = _texts(statement.get("Action", statement.get("NotAction")))
    given = statement.get("Resource", statement.get("NotResource", "*"))
    resources, always = _texts(given)
    for allowing, certain in _effects(statement.get("Effect")) if actions else ():
        yield GivenStatement(
            place,
            allowing,
            actions,
            "NotAction" in statement,
            resources,
            "NotResource" in statement,
            mapping(statement.get("Condition")),
            sure and all_sure and always and certain,
        )


def _texts(value: Any) -> tuple[tuple[str, ...], bool]:
    found = list(branches(value))
    return tuple(resource_text(each) for each, _ in found), all(sure for _, sure in found)


@dataclass(frozen=True)
class Comparison:
    """What a role has, beside what its state machine needs.

    Attributes:
        role: Logical id of the role; None where it is not part of the template.
        missing: What is needed and allowed nowhere.
        unsure: What is needed and may be allowed; the notes say why that is not known.
        unneeded: What is allowed and no state needs; the reason is the policy.
        wider: What is allowed by a wildcard that reaches further than what is needed; the notes
            say what is.
        unknown: What else may allow or deny something, or be needed.
    """

    role: str | None
    missing: tuple[RoleStatement, ...] = ()
    unsure: tuple[RoleStatement, ...] = ()
    unneeded: tuple[RoleStatement, ...] = ()
    wider: tuple[RoleStatement, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether the role allows what is needed, no more, and all of it is known."""
        found = (self.missing, self.unsure, self.unneeded, self.wider, self.unknown)
        return self.role is not None and not any(found)


def compare(
    role: GivenRole, needed: Sequence[RoleStatement], resources: Mapping[str, Any]
) -> Comparison:
    """Hold the role of a state machine against what the state machine needs.

    Args:
        role: The role, as far as its template tells.
        needed: What its state machine needs.
        resources: The resources of the template.
    """
    if role.logical_id is None:
        return Comparison(None, unknown=role.unknown)
    return _Comparing(role, needed, ResourceTexts(resources)).compare()


class _Comparing:
    def __init__(
        self, role: GivenRole, needed: Sequence[RoleStatement], texts: ResourceTexts
    ) -> None:
        self._role = role
        self._needed = needed
        self._texts = texts
        self._given = [
            replace(each, patterns=tuple(map(texts.written_out, each.resources)))
            for each in given_statements(role)
        ]

    def compare(self) -> Comparison:
        missing: list[RoleStatement] = []
        unsure: list[RoleStatement] = []
        for statement in self._needed:
            lacks, open_ones = self._lacked(statement)
            missing += lacks
            unsure += open_ones
        unneeded: list[RoleStatement] = []
        wider: list[RoleStatement] = []
        for given in self._given:
            if given.allows and not given.not_actions:
                self._hold(given, unneeded, wider)
        denied = dict.fromkeys(
            f"a statement of {given.place} {'denies' if given.sure else 'may deny'} "
            f"{', '.join(given.actions)}"
            for given in self._given
            if not given.allows
        )
        keys = dict.fromkeys(
            f"{given.place} allows {action}, which what is encrypted needs"
            for given in self._given
            for action in given.actions
            if given.allows and not given.not_actions and _is_of_keys(action)
            if not any(_named([action], one) for each in self._needed for one in each.actions)
        )
        return Comparison(
            self._role.logical_id,
            tuple(missing),
            tuple(unsure),
            tuple(unneeded),
            tuple(wider),
            (*self._role.unknown, *self._role.limits, *denied, *keys),
        )

    def _lacked(self, statement: RoleStatement) -> tuple[list[RoleStatement], list[RoleStatement]]:
        """The parts of what is needed that are missing, and those of which it is not known."""
        missing: dict[tuple[str, ...], list[str]] = {}
        unsure: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
        for action in statement.actions:
            lacking: dict[tuple[str, ...], list[str]] = {}
            for resource in statement.resources:
                why = self._why_not(action, resource, statement)
                if why is not None:
                    lacking.setdefault(why, []).append(resource)
            for why, resources in lacking.items():
                if why:
                    unsure.setdefault((tuple(resources), why), []).append(action)
                else:
                    missing.setdefault(tuple(resources), []).append(action)
        return (
            [
                replace(statement, actions=tuple(actions), resources=resources, notes=())
                for resources, actions in missing.items()
            ],
            [
                replace(statement, actions=tuple(actions), resources=resources, notes=notes)
                for (resources, notes), actions in unsure.items()
            ],
        )

    def _why_not(
        self, action: str, resource: str, statement: RoleStatement
    ) -> tuple[str, ...] | None:
        """Why it is not known whether an action is allowed; empty: it is not; None: it is."""
        text = self._texts.written_out(resource)
        conditions = _plain(statement.conditions)
        about = [each for each in self._given if each.allows and each.may_name(action)]
        own = [
            each for each in about if not each.conditions or _plain(each.conditions) == conditions
        ]
        if any(each.sure and each.names(action) and _covers(each, text) for each in own):
            return None
        why: dict[str, None] = {}
        if action == _INVOKE and resource.startswith(_OPEN):
            # A Task names functions and activities in the same way, and these need nothing.
            kind = self._texts.type_of(resource)
            if kind == _ACTIVITY:
                return None
            if kind is None and resource.endswith("}"):
                why[f"{resource} may be an activity, which needs nothing"] = None
        for given in about:
            if _may_cover(given, text):
                covered = _covers(given, text)
                why[_reason(given, covered=covered, conditional=given not in own)] = None
            elif statement.notes:
                # Bounded by an environment's names: an execution may choose another one.
                why[_reason(given, covered=False, conditional=given not in own)] = None
        if not why and self._role.unknown:
            why = dict.fromkeys(self._role.unknown)
        return tuple(why)

    def _hold(
        self, given: GivenStatement, unneeded: list[RoleStatement], wider: list[RoleStatement]
    ) -> None:
        """Find what a statement allows and no state needs."""
        users = ", ".join(self._role.users)
        notes = (f"{users} has the role too; what it needs is not looked at",) if users else ()
        of = RoleStatement(
            resources=given.resources,
            conditions=given.conditions,
            reason=given.place,
            notes=notes,
        )
        wanted_actions = {action for each in self._needed for action in each.actions}
        useless = [
            action
            for action in given.actions
            if not any(_named([action], one) for one in wanted_actions)
            and _OPEN not in action
            and not _is_of_keys(action)
        ]
        if useless:
            unneeded.append(replace(of, actions=tuple(useless)))
        used = tuple(action for action in given.actions if action not in useless)
        if not used or given.not_resources:
            return
        here = [each for each in self._needed if any(_named(used, one) for one in each.actions)]
        wanted = dict.fromkeys(
            self._texts.written_out(text) for each in here for text in each.resources
        )
        idle = [
            text
            for text, pattern in zip(given.resources, given.patterns, strict=True)
            if pattern not in wanted and not any(may_allow(pattern, need) for need in wanted)
        ]
        # Names that an execution chooses are bounded by an environment's, not by what it may use.
        if here and idle and not any(each.notes for each in here):
            unneeded.append(replace(of, actions=used, resources=tuple(idle)))
        stars = tuple(action for action in used if "*" in action or "?" in action)
        needed = [one for each in here for one in each.actions if _named(used, one)]
        if stars:
            named = ", ".join(dict.fromkeys(one for one in needed if _named(stars, one)))
            wider.append(replace(of, actions=stars, notes=(f"needed: {named}", *notes)))
        if wanted and "*" not in wanted and "*" in given.resources and not given.conditions:
            on = ", ".join(wanted)
            wider.append(
                replace(of, actions=used, resources=("*",), notes=(f"needed on: {on}", *notes))
            )


def _is_of_keys(action: str) -> bool:
    """Whether a bucket, a queue or a table may need an action: no definition tells its key."""
    return action.lower().startswith("kms:")


def _covers(given: GivenStatement, resource: str) -> bool:
    """Whether a statement is about all of a resource."""
    if given.not_resources:
        return not any(may_allow(each, resource) for each in given.patterns)
    if resource in given.patterns or any(allows(each, resource) for each in given.patterns):
        return True
    taken = _TAKEN_OUT.search(resource)
    if taken is None:
        return False
    # What is taken out of a parameter may be a name or an ARN: the role says by its own way of
    # writing which of them it is.
    by_name = _TAKEN_OUT.sub(r"${\1}", resource)
    by_arn = f"${{{taken[1]}}}" in given.patterns and resource.endswith(taken[0])
    return by_arn or any(allows(each, by_name) for each in given.patterns)


def _may_cover(given: GivenStatement, resource: str) -> bool:
    """Whether a statement may be about something of a resource."""
    if given.not_resources:
        return not any(allows(each, resource) for each in given.patterns)
    return any(may_allow(each, resource) for each in given.patterns)


def _plain(conditions: Mapping[str, Any]) -> dict[tuple[str, str], set[str]]:
    """Conditions in one way of writing: without wildcards, what is like a text is that text."""
    found: dict[tuple[str, str], set[str]] = {}
    for operator, keys in conditions.items():
        for key, values in mapping(keys).items():
            texts, _ = _texts(values)
            alike = not any("*" in each or "?" in each for each in texts)
            plain = operator.replace("Like", "Equals") if alike else operator
            found[plain, key.lower()] = set(texts)
    return found


def _reason(given: GivenStatement, *, covered: bool, conditional: bool) -> str:
    on = ", ".join(given.resources)
    if not given.sure:
        return f"{given.place} allows it where a condition of the template holds"
    if conditional:
        return f"{given.place} allows it under conditions of its own"
    if covered:
        return f"{given.place} has actions that are known at deployment only"
    return f"{given.place} allows it {'but not ' if given.not_resources else ''}on {on}"
