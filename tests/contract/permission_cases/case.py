"""What a case of the table is, and short names to write them by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: Developer guide of Step Functions, and the Service Authorization Reference.
GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg/"
REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_"

PLACE = "us-east-1:123456789012"
ANY = "*"


@dataclass(frozen=True)
class Case:
    """A definition, and what its role needs.

    Attributes:
        name: What the case is about; unique in the table.
        document: The page of AWS that says what is needed.
        states: The states; the first one starts.
        statements: The statements, in any order.
        runs: Whether the engine can execute it.
        input: The input of the execution.
        fails: How the execution fails with its whole role where it does not succeed: the error's
            name, of what is not there in the engine.
        language: The query language of the definition.
    """

    name: str
    document: str
    states: dict[str, Any]
    statements: tuple[dict[str, Any], ...]
    runs: bool = True
    input: dict[str, Any] = field(default_factory=dict)
    fails: str = ""
    language: str = "JSONPath"

    @property
    def definition(self) -> dict[str, Any]:
        """The definition, as JSON."""
        start = next(iter(self.states))
        return {"QueryLanguage": self.language, "StartAt": start, "States": self.states}


def task(
    name: str,
    document: str,
    resource: str,
    parameters: Any,
    *statements: dict[str, Any],
    fields: dict[str, Any] | None = None,
    **rest: Any,
) -> Case:
    """A case of one Task.

    Args:
        name: What the case is about.
        document: The page of AWS.
        resource: The integration without ``arn:aws:states:::``, or a whole ARN.
        parameters: What it passes; in JSONata where it is a text or ``rest`` says so.
        *statements: What is needed.
        fields: Further fields of the Task.
        **rest: Further attributes of the case.
    """
    whole = resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}"
    jsonata = rest.get("language") == "JSONata"
    given = {"Arguments" if jsonata else "Parameters": parameters}
    state = {"Type": "Task", "Resource": whole, **given, **(fields or {}), "End": True}
    return Case(name, document, {"Call": state}, statements, **rest)


def sdk(
    name: str, document: str, action: str, parameters: Any, *statements: Any, **rest: Any
) -> Case:
    """A case of one call of the AWS SDK, such as ``s3:getObject``."""
    return task(name, document, f"aws-sdk:{action}", parameters, *statements, **rest)


def allow(actions: str, *resources: str, **conditions: Any) -> dict[str, Any]:
    """A statement.

    Args:
        actions: The actions, in one text.
        *resources: The resources.
        **conditions: The conditions, by operator.
    """
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": sorted(actions.split()),
        "Resource": sorted(resources),
    }
    return statement | ({"Condition": conditions} if conditions else {})


def arn(service: str, resource: str) -> str:
    """An ARN of the account and region of the table."""
    return f"arn:aws:{service}:{PLACE}:{resource}"


def s3(resource: str) -> str:
    """The ARN of a bucket or an object."""
    return f"arn:aws:s3:::{resource}"


def role(name: str) -> str:
    """The ARN of a role."""
    return f"arn:aws:iam::123456789012:role/{name}"


def rule(name: str) -> dict[str, Any]:
    """What it takes to wait by a rule that Step Functions manages."""
    return allow(
        "events:DescribeRule events:PutRule events:PutTargets",
        arn("events", f"rule/StepFunctionsGetEvent{name}Rule"),
    )


def passes(names: str, service: str) -> dict[str, Any]:
    """What it takes to give roles to a service.

    Args:
        names: The names of the roles, in one text.
        service: The service.
    """
    condition = {"iam:PassedToService": f"{service}.amazonaws.com"}
    return allow("iam:PassRole", *map(role, names.split()), StringEquals=condition)
