"""Refuses what a role's policies do not allow, with the words of AWS."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import botocore.session

from sfn_fragments_local.iam_enforcement.authorization import (
    Place,
    requests_for_logging,
    requests_for_managed_rules,
    requests_of_call,
)
from sfn_fragments_local.iam_enforcement.encryption import requests_of_encryption
from sfn_fragments_local.iam_enforcement.granted import Granted
from sfn_fragments_local.iam_enforcement.missing_objects import requests_of_missing_objects
from sfn_fragments_local.iam_enforcement.policies import Request, Verdict, evaluate
from sfn_fragments_local.iam_enforcement.resource_policies import (
    Opinion,
    context_of_service,
    opinion_of_resource,
    trusts,
)
from sfn_fragments_local.iam_enforcement.roles import (
    boundary_statements,
    known_role,
    role_statements,
)
from sfn_fragments_local.moto_gaps.calls import ErrorResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sfn_fragments_local.iam_enforcement.policies import Statement

#: Step Functions makes up a name for each session of a role; here it is always this.
_SESSION: Final = "local-execution"


class IamEnforcement:
    """Holds the roles of one account and region to their policies.

    A role that the engine does not have, such as one of another stack, is not held to anything.

    Args:
        account: The account.
        region: The region.
    """

    def __init__(self, account: str, region: str) -> None:
        """Read nothing yet."""
        self.account = account
        self._region = region
        #: What was allowed.
        self.granted = Granted(self.statement_for)

    def place(self, role_arn: str) -> Place:
        """The engine's account and region, in the partition of a role."""
        return Place(role_arn.split(":")[1], self._region, self.account)

    def refusal_of_call(
        self,
        role_arn: str,
        service: str,
        action: str,
        arguments: Mapping[str, Any],
        session: str = _SESSION,
        also: Iterable[Request] = (),
    ) -> str | None:
        """Why a role may not call a service.

        Args:
            role_arn: The role.
            service: The service as boto3 names it.
            action: The API action.
            arguments: The call's arguments, in the API's names.
            session: Name of the session in which it does.
            also: What it needs besides.

        Returns:
            AWS's sentence about the first permission that is missing; None if none is, or if the
            engine has no such role.
        """
        if (service, action) == ("sts", "AssumeRole"):
            return self.refusal_of_assuming(role_arn, arguments, session)
        requests = self.requests(role_arn, service, action, arguments, also)
        return self.refusal(role_arn, requests, session)

    def requests(
        self,
        role_arn: str,
        service: str,
        action: str,
        arguments: Mapping[str, Any],
        also: Iterable[Request] = (),
    ) -> list[Request]:
        """What a call asks a role for; the arguments are those of `refusal_of_call`."""
        place = self.place(role_arn)
        requests = [*requests_of_call(service, action, arguments, place), *also]
        if service == "s3":
            requests += requests_of_missing_objects(action, arguments, place)
            requests += requests_of_encryption(action, arguments, place)
        return requests

    def refusal(
        self, role_arn: str, requests: Iterable[Request], session: str = _SESSION
    ) -> str | None:
        """Why a role may not do something.

        Args:
            role_arn: The role.
            requests: What it wants to do.
            session: Name of the session in which it does.

        Returns:
            AWS's sentence about the first request that is not allowed; None if all are, or if
            the engine has no such role.
        """
        found = self._first_refused(role_arn, requests)
        if found is None:
            return None
        request, because = found
        principal = self._principal(role_arn, session)
        return (
            f"{principal} is not authorized to perform: {request.action} on "
            f"resource: {request.resource or '*'} {because}"
        )

    def refusal_of_assuming(
        self, role_arn: str, arguments: Mapping[str, Any], session: str = _SESSION
    ) -> str | None:
        """Why a role may not assume another, as a Task's ``Credentials`` ask for.

        https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html

        Args:
            role_arn: The role that assumes.
            arguments: Those of the call: ``RoleArn``, and ``ExternalId`` and the like.
            session: Name of the session in which it does.

        Returns:
            AWS's sentence; None if it is allowed to, and trusted where the engine has the other
            role.
        """
        other_arn = str(arguments.get("RoleArn"))
        refusal = self.refusal(role_arn, [Request("sts:AssumeRole", other_arn)], session)
        other = known_role(other_arn)
        if refusal is not None or other is None or known_role(role_arn) is None:
            return refusal
        context = self._context(role_arn)
        for name in ("ExternalId", "RoleSessionName"):
            if name in arguments:
                context[f"sts:{name}"] = [str(arguments[name])]
        if trusts(other.assume_role_policy_document, role_arn, context):
            return None
        principal = self._principal(role_arn, session)
        return f"{principal} is not authorized to perform: sts:AssumeRole on resource: {other_arn}"

    def refusal_of_machine(
        self, machine_arn: str, role_arn: str, definition: str | None, *, logs: bool
    ) -> str | None:
        """Why a machine cannot be created or updated with a role.

        Args:
            machine_arn: The machine.
            role_arn: The role.
            definition: The machine's definition, if it is given.
            logs: Whether the machine logs to CloudWatch Logs.

        Returns:
            AWS's sentence, and what is missing in brackets; None if nothing is.
        """
        role = known_role(role_arn)
        # The regional name is good as well.
        names = ("states.amazonaws.com", f"states.{self._region}.amazonaws.com")
        if role is not None and not any(
            trusts(
                role.assume_role_policy_document,
                name,
                context_of_service(names[0], self.account, machine_arn),
            )
            for name in names
        ):
            return (
                f"Neither the global service principal {names[0]}, nor the regional one is "
                "authorized to assume the provided role."
            )
        rules = requests_for_managed_rules(definition, self.place(role_arn)) if definition else []
        for requests, sentence in (
            (rules, f"'{role_arn}' is not authorized to create managed-rule."),
            (
                requests_for_logging() if logs else [],
                "The state machine IAM Role is not authorized to access the Log Destination",
            ),
        ):
            found = self._first_refused(role_arn, requests)
            if found is not None:
                return f"{sentence} ({found[0].action} on {found[0].resource} is not allowed)"
        return None

    def _principal(self, role_arn: str, session: str) -> str:
        name, partition = role_arn.rpartition("/")[2], self.place(role_arn).partition
        return f"User: arn:{partition}:sts::{self.account}:assumed-role/{name}/{session}"

    def _first_refused(
        self, role_arn: str, requests: Iterable[Request]
    ) -> tuple[Request, str] | None:
        """The first request that is refused, and why, in AWS's words."""
        own = role_statements(role_arn)
        if own is None:
            return None
        boundary = boundary_statements(role_arn)
        for request in requests:
            known = self._with_known_keys(role_arn, request)
            opinion = opinion_of_resource(known, role_arn, self.account)
            because = _why_refused(known, own, opinion, boundary)
            if because is not None:
                return request, because
        return None

    def _with_known_keys(self, role_arn: str, request: Request) -> Request:
        """A request with the condition keys that each one has."""
        common = self._context(role_arn)
        return Request(request.action, request.resource, {**common, **request.context})

    def statement_for(self, role_arn: str, request: Request) -> Statement | None:
        """The statement of a role that allows a request.

        Args:
            role_arn: The role.
            request: What was asked for.

        Returns:
            The first that does; None if the engine has no such role, or if not the role allows it
            but the policy of the resource.
        """
        known = self._with_known_keys(role_arn, request)
        own = role_statements(role_arn) or ()
        return next((one for one in own if one.allows and one.applies_to(known)), None)

    def _context(self, role_arn: str) -> dict[str, list[str]]:
        """The condition keys of every request of a role."""
        now = datetime.now(UTC)
        return {
            "aws:CurrentTime": [now.isoformat()],
            "aws:EpochTime": [str(int(now.timestamp()))],
            "aws:PrincipalAccount": [role_arn.split(":")[4]],
            "aws:PrincipalArn": [role_arn],
            "aws:PrincipalIsAWSService": ["false"],
            "aws:RequestedRegion": [self._region],
            "aws:SecureTransport": ["true"],
            # As boto3 has it.
            "s3:TlsVersion": ["1.3"],
        }


def _why_refused(
    request: Request,
    own: Sequence[Statement],
    of_resource: Opinion,
    boundary: Sequence[Statement] | None,
) -> str | None:
    """Why a request is refused; None if it is allowed."""
    by_role = evaluate(own, request)
    limit = Verdict.ALLOWED if boundary is None else evaluate(boundary, request)
    verdicts = {
        "an identity-based policy": by_role,
        "a resource-based policy": of_resource.verdict,
        "a permissions boundary": limit,
    }
    for policy, verdict in verdicts.items():
        if verdict is Verdict.DENIED:
            return f"with an explicit deny in {policy}"
    enough = by_role if of_resource.foreign else of_resource.verdict
    if Verdict.ALLOWED not in (by_role, enough):
        return f"because no identity-based policy allows the {request.action} action"
    if of_resource.lacks_allow:
        return f"because no resource-based policy allows the {request.action} action"
    if limit is not Verdict.ALLOWED:
        return f"because no permissions boundary allows the {request.action} action"
    return None


def access_denied(service: str, message: str) -> ErrorResponse:
    """The answer by which a service refuses a call.

    Args:
        service: The service as boto3 names it.
        message: Who may not do what.

    Returns:
        The error, with the code and status of the service's protocol.
    """
    protocol = _protocol(service)
    if protocol == "ec2":
        return ErrorResponse("UnauthorizedOperation", message, HTTPStatus.FORBIDDEN)
    if protocol in ("query", "rest-xml"):
        return ErrorResponse("AccessDenied", message, HTTPStatus.FORBIDDEN)
    # Services that speak JSON over one address answer 400, those that speak REST 403.
    status = HTTPStatus.FORBIDDEN if protocol == "rest-json" else HTTPStatus.BAD_REQUEST
    return ErrorResponse("AccessDeniedException", message, status)


@cache
def _protocol(service: str) -> str:
    return str(botocore.session.get_session().get_service_model(service).protocol)
