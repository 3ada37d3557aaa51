"""The state machines of a Serverless Framework service.

https://www.serverless.com/plugins/serverless-step-functions: ``stepFunctions.stateMachines`` holds
definitions by name, in ``serverless.yml`` or in a file that it includes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_fragments_asl.model.json_data import below, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FILE = re.compile(r"\$\{file\(([^(){}]+)\)\}")


@dataclass(frozen=True)
class ServerlessMachine:
    """A state machine of a service.

    Attributes:
        name: The key that it has there.
        definition: Its definition as it is written: an object, or what stands for it.
        pointer: JSON Pointer of the definition.
        express: Whether it is an Express workflow.
    """

    name: str
    definition: Any
    pointer: str
    express: bool

    @property
    def included(self) -> str | None:
        """The path of the file that the definition is in; None where it is in no whole file.

        Examples:
            >>> ServerlessMachine("m", "${file(states/m.json)}", "", False).included
            'states/m.json'
        """
        match = _FILE.fullmatch(self.definition) if isinstance(self.definition, str) else None
        return match.group(1).strip() if match else None


def serverless_machines(content: Mapping[str, Any]) -> Iterator[ServerlessMachine]:
    """The state machines of ``serverless.yml``, or of a file that it includes.

    Args:
        content: What was parsed.

    Yields:
        Each state machine that is written there, as the plugin ``serverless-step-functions``
        takes it.

    Examples:
        >>> service = {"stepFunctions": {"stateMachines": {"m": {"definition": {"StartAt": "A"}}}}}
        >>> [(one.name, one.pointer) for one in serverless_machines(service)]
        [('m', '/stepFunctions/stateMachines/m/definition')]
    """
    for pointer, holder in (("", content), ("/stepFunctions", content.get("stepFunctions"))):
        for name, machine in mapping(mapping(holder).get("stateMachines")).items():
            if "definition" in mapping(machine):
                yield ServerlessMachine(
                    str(name),
                    machine["definition"],
                    below(pointer, "stateMachines", name, "definition"),
                    machine.get("type") == "EXPRESS",
                )
