"""A definition as a graph of states.

Rules look at any definition, malformed ones among them: what has not the shape of a state or of a
transition is left out here, and found by the rules of :mod:`sfn_fragments.checks.structure`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

#: States that end their state machine, branch or item.
TERMINAL_TYPES = frozenset({"Succeed", "Fail"})


def mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; none where the value is no list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def is_number(value: Any) -> bool:
    """Whether it is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_filled_in(value: Any) -> bool:
    """Whether the execution computes it, or CloudFormation fills it in."""
    return isinstance(value, str) and ("{%" in value or "${" in value)


def assigned_names(fields: Mapping[str, Any]) -> set[str]:
    """Names of the variables that a state, a catcher or a choice rule assigns."""
    return {name.removesuffix(".$") for name in mapping(fields.get("Assign"))}


@dataclass(frozen=True)
class Transition:
    """A way from a state to another.

    Attributes:
        field: Where it is written, such as ``Next`` or ``Catch[0].Next``.
        target: Name of the state that it leads to.
        assigned: Variables that are assigned on the way.
    """

    field: str
    target: str
    assigned: frozenset[str]


@dataclass(frozen=True, eq=False)
class State:
    """A state and where it stands.

    Attributes:
        name: Its name.
        fields: Its JSON.
        machine: The state machine, branch or item processor that holds it.
    """

    name: str
    fields: Mapping[str, Any]
    machine: Machine

    @property
    def type(self) -> str:
        """Its type, such as ``Task``; empty where it has none."""
        kind = self.fields.get("Type")
        return kind if isinstance(kind, str) else ""

    @property
    def resource(self) -> str:
        """The resource of a Task with the partition ``aws``; empty where there is none."""
        resource = self.fields.get("Resource")
        if self.type != "Task" or not isinstance(resource, str):
            return ""
        partition, states, rest = resource.partition(":states:::")
        return f"arn:aws{states}{rest}" if states and partition.startswith("arn:") else resource

    @property
    def jsonata(self) -> bool:
        """Whether its query language is JSONata."""
        return bool(self.fields.get("QueryLanguage", self.machine.query_language) == "JSONata")

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What it passes to its service, in either query language."""
        return mapping(self.fields.get("Arguments" if self.jsonata else "Parameters"))

    @property
    def distributed(self) -> bool:
        """Whether it is a Map whose items are executions of their own."""
        config = mapping(mapping(self.fields.get("ItemProcessor")).get("ProcessorConfig"))
        return self.type == "Map" and config.get("Mode") == "DISTRIBUTED"

    @cached_property
    def inner(self) -> list[Machine]:
        """The branches of a Parallel state, the item processor of a Map state."""
        bodies = objects(self.fields.get("Branches")) if self.type == "Parallel" else []
        if self.type == "Map":
            bodies = objects([self.fields.get("ItemProcessor", self.fields.get("Iterator"))])
        return [Machine(body, self) for body in bodies]

    @cached_property
    def transitions(self) -> list[Transition]:
        """Where it may go next, caught errors included."""
        own = frozenset(assigned_names(self.fields))
        choice = self.type == "Choice"
        written = [("Default" if choice else "Next", self.fields, own)]
        for name in ("Choices",) if choice else ("Catch",):
            for index, rule in enumerate(objects(self.fields.get(name))):
                written.append((f"{name}[{index}].Next", rule, frozenset(assigned_names(rule))))
        found = []
        for field, fields, assigned in written:
            target = fields.get(field.rpartition(".")[2])
            if isinstance(target, str):
                found.append(Transition(field, target, assigned))
        return found

    @property
    def ends(self) -> bool:
        """Whether nothing follows it."""
        return self.type in TERMINAL_TYPES or self.fields.get("End") is True


@dataclass(frozen=True, eq=False)
class Machine:
    """What transitions cannot leave: a state machine, a branch, an item processor.

    Attributes:
        body: Its JSON.
        parent: The Map or Parallel state that holds it; None for the state machine itself.
    """

    body: Mapping[str, Any]
    parent: State | None = None

    @cached_property
    def states(self) -> dict[str, State]:
        """Its own states by name, without those of branches and item processors."""
        return {
            name: State(name, fields, self)
            for name, fields in mapping(mapping(self.body).get("States")).items()
            if isinstance(fields, Mapping)
        }

    @property
    def start(self) -> State | None:
        """The state that it begins with; None where there is no such state."""
        name = mapping(self.body).get("StartAt")
        return self.states.get(name) if isinstance(name, str) else None

    @cached_property
    def query_language(self) -> str:
        """The language of states that name none: that of the whole state machine."""
        if self.parent is not None:
            return self.parent.machine.query_language
        return "JSONata" if mapping(self.body).get("QueryLanguage") == "JSONata" else "JSONPath"

    def walk(self) -> Iterator[Machine]:
        """Itself, then each branch and item processor, at every depth."""
        yield self
        for state in self.states.values():
            for inner in state.inner:
                yield from inner.walk()

    def parents(self) -> Iterator[State]:
        """The Map and Parallel states around it, innermost first."""
        parent = self.parent
        while parent is not None:
            yield parent
            parent = parent.machine.parent

    def following(self, state: State) -> list[State]:
        """The states that a state leads to, as far as they are there."""
        targets = dict.fromkeys(transition.target for transition in state.transitions)
        return [self.states[name] for name in targets if name in self.states]

    @cached_property
    def deepest_first(self) -> list[State]:
        """The reachable states, each after those that it leads to, but for the way back in a loop.

        Without recursion: a chain may have more states than Python has stack frames.
        """
        if self.start is None:
            return []
        order: list[State] = []
        seen = {self.start.name}
        stack = [(self.start, iter(self.following(self.start)))]
        while stack:
            state, successors = stack[-1]
            successor = next((each for each in successors if each.name not in seen), None)
            if successor is None:
                order.append(state)
                stack.pop()
            else:
                seen.add(successor.name)
                stack.append((successor, iter(self.following(successor))))
        return order

    @cached_property
    def loops(self) -> list[list[State]]:
        """The loops among the reachable states: in each, every state leads to every other."""
        before: dict[str, list[State]] = {}
        for state in self.deepest_first:
            for successor in self.following(state):
                before.setdefault(successor.name, []).append(state)
        found = []
        seen: set[str] = set()
        # Kosaraju's algorithm: back from each state, those that lead to it come first.
        for state in reversed(self.deepest_first):
            if state.name in seen:
                continue
            seen.add(state.name)
            together, pending = [], [state]
            while pending:
                member = pending.pop()
                together.append(member)
                for previous in before.get(member.name, []):
                    if previous.name not in seen:
                        seen.add(previous.name)
                        pending.append(previous)
            if len(together) > 1 or state in self.following(state):
                found.append(together)
        return found
