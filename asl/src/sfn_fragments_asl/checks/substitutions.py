"""Places that CloudFormation is to fill in, and does not.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfn_fragments_asl.checks.check import Check, CheckedDefinition, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator


def _unknown(checked: CheckedDefinition) -> Iterator[Finding]:
    for place in checked.open_references:
        if place.in_sub and place.closed:
            yield Finding(
                "definition", f"Fn::Sub has {place.text}, which the template does not have"
            )


def _open(checked: CheckedDefinition) -> Iterator[Finding]:
    for place in checked.open_references:
        if not place.closed:
            yield Finding(
                "definition", f"Fn::Sub has {place.text!r}, which is not closed", "write }"
            )
        elif not place.in_sub:
            yield Finding("definition", f"nothing fills in {place.text}")


SUBSTITUTION_CHECKS = (
    Check(
        "asl.unknown-reference",
        "error",
        "CloudFormation refuses the template (unresolved resource dependencies).",
        _unknown,
        what="An Fn::Sub in a definition names neither a resource, a parameter nor a variable of "
        "its own.",
        remedy="correct the name, or write ${!Name} for the text itself",
    ),
    Check(
        "asl.open-substitution",
        "warning",
        "The state machine is deployed with the text itself, such as ${Name}.",
        _open,
        what="A definition in a template has a place to fill in that neither "
        "DefinitionSubstitutions nor Fn::Sub fills in.",
        remedy="give the value in DefinitionSubstitutions, or wrap the text in Fn::Sub",
    ),
)
