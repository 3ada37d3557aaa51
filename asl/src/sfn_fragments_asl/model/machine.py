"""A definition as a graph of states.

Rules look at any definition, malformed ones among them: what has not the shape of a state or of a
transition is left out here, and found by the rules of `sfn_fragments_asl.checks.structure`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sfn_fragments_asl.model.calls import ServiceCall, in_aws_partition, service_call
from sfn_fragments_asl.model.expressions import Expression, jsonata_in, jsonpath_in, own_fields
from sfn_fragments_asl.model.json_data import below, is_marked, mapping, objects

#: States that end their state machine, branch or item.
TERMINAL_TYPES = frozenset({"Succeed", "Fail"})


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
        pointer: JSON Pointer of the field.
    """

    field: str
    target: str
    assigned: frozenset[str]
    pointer: str = ""


@dataclass(frozen=True)
class Integration:
    """A call of a service that a state makes.

    Attributes:
        call: The service, its action and how the state waits.
        arguments: What it passes, as it is written in either query language.
        pointer: JSON Pointer of the object that holds ``Resource``: the state, or the reader or
            writer of a Map.
    """

    call: ServiceCall
    arguments: Any
    pointer: str


@dataclass(frozen=True, eq=False)
class State:
    """A state and where it stands.

    Attributes:
        name: Its name.
        fields: Its JSON.
        machine: The state machine, branch or item processor that holds it.
        pointer: JSON Pointer of it in the definition.
    """

    name: str
    fields: Mapping[str, Any]
    machine: Machine
    pointer: str = ""

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
        return in_aws_partition(resource)

    @property
    def call(self) -> ServiceCall | None:
        """The service integration that a Task is; ``None`` for functions, activities and others."""
        return service_call(self.resource)

    @property
    def jsonata(self) -> bool:
        """Whether its query language is JSONata."""
        return bool(self.fields.get("QueryLanguage", self.machine.query_language) == "JSONata")

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What it passes to its service, in either query language."""
        return mapping(self.fields.get("Arguments" if self.jsonata else "Parameters"))

    def integration(self, field: str | None = None) -> Integration | None:
        """The call of a service that it makes.

        Args:
            field: ``ItemReader`` or ``ResultWriter`` of a distributed Map; the call of a Task
                where it is not given.

        Returns:
            The call; ``None`` where it makes none.
        """
        calling = self.fields if field is None else mapping(self.fields.get(field))
        resource = calling.get("Resource")
        call = service_call(in_aws_partition(resource)) if isinstance(resource, str) else None
        if call is None:
            return None
        given = calling.get("Arguments", calling.get("Parameters"))
        return Integration(
            call, given, self.pointer if field is None else below(self.pointer, field)
        )

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """Its own expressions, in its query language; states inside it have theirs."""
        own = own_fields(self.fields)
        found = jsonata_in(own, self.pointer) if self.jsonata else jsonpath_in(own, self.pointer)
        return tuple(found)

    @cached_property
    def reads(self) -> dict[str, bool]:
        """The names of variables in its own expressions.

        To whether some place needs a value: not where ``$exists`` asks for it first, nor where the
        name is one that the expression itself binds.
        """
        found: dict[str, bool] = {}
        for expression in self.expressions:
            for name, needed in expression.reads.items():
                found[name] = found.get(name, False) or needed
        return found

    @property
    def distributed(self) -> bool:
        """Whether it is a Map whose items are executions of their own."""
        config = mapping(mapping(self.fields.get("ItemProcessor")).get("ProcessorConfig"))
        return self.type == "Map" and config.get("Mode") == "DISTRIBUTED"

    @property
    def processor(self) -> str:
        """The field that holds the states of a Map's items."""
        return "ItemProcessor" if "ItemProcessor" in self.fields else "Iterator"

    @cached_property
    def inner(self) -> tuple[Machine, ...]:
        """The branches of a Parallel state, the item processor of a Map state."""
        if self.type == "Parallel":
            branches = self.fields.get("Branches")
            return tuple(
                Machine(body, self, below(self.pointer, "Branches", index))
                for index, body in enumerate(branches if isinstance(branches, list) else [])
                if isinstance(body, Mapping)
            )
        body = self.fields.get(self.processor)
        if self.type == "Map" and isinstance(body, Mapping):
            return (Machine(body, self, below(self.pointer, self.processor)),)
        return ()

    @cached_property
    def transitions(self) -> tuple[Transition, ...]:
        """Where it may go next, caught errors included."""
        own = frozenset(assigned_names(self.fields))
        choice = self.type == "Choice"
        first = "Default" if choice else "Next"
        written = [(first, self.fields, own, below(self.pointer, first))]
        for name in ("Choices",) if choice else ("Catch",):
            for index, rule in enumerate(objects(self.fields.get(name))):
                place = below(self.pointer, name, index, "Next")
                assigned = frozenset(assigned_names(rule))
                written.append((f"{name}[{index}].Next", rule, assigned, place))
        found = []
        for field, fields, assigned, place in written:
            target = fields.get(field.rpartition(".")[2])
            if isinstance(target, str):
                found.append(Transition(field, target, assigned, place))
        return tuple(found)

    @property
    def assigned(self) -> frozenset[str]:
        """Everything that it assigns, on whichever way it leaves."""
        rules = [*objects(self.fields.get("Catch")), *objects(self.fields.get("Choices"))]
        return frozenset(assigned_names(self.fields).union(*map(assigned_names, rules)))

    @property
    def language_is_known(self) -> bool:
        """Whether its query language is written, and not filled in by CloudFormation."""
        root = next(reversed([*self.machine.parents()]), self).machine
        return not is_marked(self.fields.get("QueryLanguage", root.body.get("QueryLanguage")))

    @property
    def leads_anywhere(self) -> bool:
        """Whether CloudFormation fills in its type, or where it leads."""
        if is_marked(self.fields.get("Type")) or is_marked(self.fields.get("End")):
            return True
        if any(is_marked(self.fields.get(name)) for name in ("Choices", "Catch")):
            return True
        return any(
            is_marked(way.target) and way.target not in self.machine.states
            for way in self.transitions
        )

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
        pointer: JSON Pointer of it in the definition.

    Examples:
        >>> machine = Machine({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
        >>> [(state.name, state.type, state.pointer) for state in machine.every_state()]
        [('A', 'Succeed', '/States/A')]
    """

    body: Mapping[str, Any]
    parent: State | None = None
    pointer: str = ""

    @cached_property
    def states(self) -> dict[str, State]:
        """Its own states by name, without those of branches and item processors."""
        return {
            name: State(name, fields, self, below(self.pointer, "States", name))
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

    def every_state(self) -> Iterator[State]:
        """Every state, each before those inside of it."""
        for state in self.states.values():
            yield state
            for inner in state.inner:
                yield from inner.every_state()

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

    @property
    def place(self) -> str:
        """What findings call it: the state that holds it, or ``definition``."""
        return self.parent.name if self.parent else "definition"

    @cached_property
    def deepest_first(self) -> tuple[State, ...]:
        """The reachable states, each after those that it leads to, but for the way back in a loop.

        Without recursion: a chain may have more states than Python has stack frames.
        """
        if self.start is None:
            return ()
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
        return tuple(order)

    @cached_property
    def loops(self) -> tuple[tuple[State, ...], ...]:
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
                found.append(tuple(together))
        return tuple(found)
