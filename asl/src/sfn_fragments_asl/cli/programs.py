"""The programs that have the same commands: what they look at, and how they find it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from sfn_fragments_asl.reading.files import find_state_machines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sfn_fragments_asl.reading.templates import FoundMachine


@dataclass(frozen=True)
class Program:
    """A command line, as the commands that it shares with others need to know it.

    Attributes:
        name: Its name.
        given: What an argument is called, in capital letters.
        told: What an argument may be, in whole sentences.
        find: Returns the state machines of arguments, and what cannot be read; it gets the values
            of the options by name.
        examples: Arguments that examples show.
        options: Options that decide what is found, besides the arguments.
    """

    name: str = "sfn-asl"
    given: str = "PATH"
    told: str = (
        "A PATH is a cloud assembly, a folder, a template, a definition or -, as for `check`."
    )
    find: Callable[..., tuple[list[FoundMachine], list[str]]] = find_state_machines
    examples: Sequence[str] = ("machine.asl.json", "template.yaml")
    options: Sequence[Callable[[Any], Any]] = ()

    def command(
        self, name: str, text: str, examples: Sequence[str]
    ) -> Callable[[Callable[..., Any]], click.Command]:
        """Make a command of a function, as ``click.command`` does.

        Args:
            name: Its name.
            text: Its help; ``{told}`` stands for what an argument may be.
            examples: What to call, without the program's name.

        Returns:
            What makes it; the function gets what ``find`` takes as further arguments.
        """
        lines = "".join(f"\n  {self.name} {name} {example}" for example in examples)

        def made(function: Callable[..., Any]) -> click.Command:
            for option in reversed(self.options):
                function = option(function)
            help_text = text.format(told=self.told, given=self.given.partition("|")[0])
            epilog = f"\b\nExamples:{lines}"
            return click.command(name, help=help_text, epilog=epilog)(function)

        return made


def named(
    machines: Sequence[FoundMachine], logical_id: str | None, name: str
) -> list[FoundMachine]:
    """State machines, one of which is called by another name than in its template.

    Args:
        machines: The state machines.
        logical_id: Logical id of that one.
        name: What it is called.
    """
    return [
        replace(each, name=name) if each.checked.logical_id == logical_id else each
        for each in machines
    ]


#: The program of this library.
SFN_ASL = Program()
