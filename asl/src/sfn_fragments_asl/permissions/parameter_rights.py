"""What calls need besides where they have a parameter.

The Service Authorization Reference has these actions in its tables of API operations:
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfn_fragments_asl.permissions.call import Call
    from sfn_fragments_asl.permissions.permission import Permission

#: Service, as Step Functions names it, to calls, a parameter, the action that it takes, and whether
#: the parameter names what the action is on.
BY_PARAMETER: dict[str, tuple[tuple[str, str, str, bool], ...]] = {
    "lambda": (
        ("createFunction|updateFunctionConfiguration", "Layers", "lambda:GetLayerVersion", True),
    ),
    "sfn": (
        (
            "(create|update)StateMachine",
            "Publish",
            "states:PublishStateMachineVersion",
            False,
        ),
        ("testState", "RevealSecrets", "states:RevealSecrets", False),
    ),
}


def parameter_rights(call: Call, made: Permission) -> Iterator[Permission]:
    """What a call needs besides for what it passes, or may pass.

    Args:
        call: The call.
        made: What the call itself needs.
    """
    for calls, parameter, action, named in BY_PARAMETER.get(call.service, ()):
        if parameter in call and re.fullmatch(calls, call.action):
            if named:
                names = call.patterns(parameter)
                yield call.need([action], names.patterns, [names.note])
            else:
                yield call.need([action], made.resources, [made.note])
