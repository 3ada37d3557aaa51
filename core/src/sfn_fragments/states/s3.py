"""Objects and JSON payloads in S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_stepfunctions import Chain

from sfn_fragments.states.asl import chain, is_discarded, parameters, reference, state
from sfn_fragments.states.naming import variable_name
from sfn_fragments.utils.reference_path import is_dynamic
from sfn_fragments.validation import (
    Rule,
    computable,
    construct_id,
    data_path,
    json_data,
    optional,
    require,
    scope_rule,
    text,
)
from sfn_fragments.validation import (
    result_path as result_path_rule,
)
from sfn_fragments_asl.model.retriers import S3_RETRY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

_PUT = "arn:aws:states:::aws-sdk:s3:putObject"
_GET = "arn:aws:states:::aws-sdk:s3:getObject"
_DEFAULT_KEY = "States.Format('{}/{}', $$.Execution.Name, States.UUID())"

# One of the time when upper case and underscores were allowed among them.
_BUCKET_NAME = r"[A-Za-z0-9._-]{3,255}"
# That of a bucket has no account, and S3 does not take it.
_ACCESS_POINT = r"arn:[\w-]+:s3[\w-]*:[\w-]*:\d+:\S+"

#: Where it becomes a part of an ``s3://`` URI.
BUCKET_NAME_RULE = computable(text("a bucket's name", pattern=_BUCKET_NAME), single=True)
_BUCKET_RULE = computable(
    text("a bucket's name, or an access point's ARN", pattern=f"{_BUCKET_NAME}|{_ACCESS_POINT}"),
    single=True,
)
_RULES: dict[str, Rule] = {
    "scope": scope_rule,
    "id": construct_id,
    "bucket_name": _BUCKET_RULE,
    # S3 takes 1,024 bytes of UTF-8.
    "key": computable(text("a key", longest=1024)),
    "body": json_data,
    "payload": json_data,
    "result_path": result_path_rule,
    "output_path": optional(data_path),
}


class S3Operation:
    """Puts and gets objects and JSON payloads.

    Bucket names, keys and bodies can be literals, reference paths (``$.bucket``), intrinsic
    functions, or CDK tokens.
    """

    @classmethod
    def put_object(
        cls,
        scope: Construct,
        id: str,
        bucket_name: str,
        key: str,
        body: Any,
        result_path: str | None = "$",
        output_path: str | None = "$",
    ) -> Chain:
        """Put an object.

        The body is written as JSON: an object compactly, and a text *in double quotes*, as Step
        Functions encodes blob parameters. Enters 1 state, 2 where bucket or key is a reference.

        Args:
            scope: The construct that holds the states.
            id: Names them, unique in the scope.
            bucket_name: Bucket; may be a reference path.
            key: Key; may be a reference path.
            body: Body; may be a reference path.
            result_path: Reference path of the result in the output; ``None`` means ``$``, and
                ``JsonPath.DISCARD`` passes the input on.
            output_path: Reference path of the part of the output to pass on; ``None`` means ``$``.

        Returns:
            The chain. Its result is ``{"Bucket": ..., "Key": ...}``.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.

        Examples:
            With ``bucket_name="$.bucket", key="a/b", body="$.data"``, the input
            ``{"bucket": "woah", "data": {"a": "b"}}`` writes ``{"a":"b"}`` to ``s3://woah/a/b``.
        """
        _check("put_object", locals())
        return _put(scope, id, {"Bucket": bucket_name, "Key": key}, body, result_path, output_path)

    @classmethod
    def get_object(
        cls,
        scope: Construct,
        id: str,
        bucket_name: str,
        key: str,
        result_path: str | None = "$",
        output_path: str | None = "$",
    ) -> Chain:
        """Get an object's body as text.

        Enters 1 state, 2 where bucket or key is a reference.

        Args:
            scope: The construct that holds the states.
            id: Names them, unique in the scope.
            bucket_name: Bucket; may be a reference path.
            key: Key; may be a reference path.
            result_path: Reference path of the result in the output; ``None`` means ``$``, and
                ``JsonPath.DISCARD`` passes the input on.
            output_path: Reference path of the part of the output to pass on; ``None`` means ``$``.

        Returns:
            The chain. Its result is ``{"Body": "...", "Bucket": ..., "Key": ...}``.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        _check("get_object", locals())
        place = {"Bucket": bucket_name, "Key": key}
        resolve, known = _resolve(scope, id, place)
        get = state(
            scope,
            f"{id} Get object",
            {
                "Type": "Task",
                "Resource": _GET,
                "Parameters": known,
                "ResultSelector": {"Body.$": "$.Body", **known},
                "ResultPath": result_path or "$",
                "OutputPath": output_path or "$",
                "Retry": S3_RETRY,
            },
        )
        return chain(*resolve, get)

    @classmethod
    def put_payload(
        cls,
        scope: Construct,
        id: str,
        payload: str,
        bucket_name: str,
        key: str | None = None,
        result_path: str | None = "$",
        output_path: str | None = "$",
    ) -> Chain:
        """Put a payload as JSON, and tell where it is.

        Enters 1 state, 2 where bucket or key is a reference or no key is given.

        Args:
            scope: The construct that holds the states.
            id: Names them, unique in the scope.
            payload: Payload; may be a reference path, such as ``$``.
            bucket_name: Bucket; may be a reference path.
            key: Key; may be a reference path. Defaults to the execution's name and a UUID,
                ``<execution>/<uuid>``.
            result_path: Reference path of the result in the output; ``None`` means ``$``, and
                ``JsonPath.DISCARD`` passes the input on.
            output_path: Reference path of the part of the output to pass on; ``None`` means ``$``.

        Returns:
            The chain. Its result is ``{"Bucket": ..., "Key": ...}``.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        _check("put_payload", {**locals(), "key": _DEFAULT_KEY if key is None else key})
        place = {
            "Bucket": bucket_name,
            "Key": key or _DEFAULT_KEY,
        }
        return _put(scope, id, place, payload, result_path, output_path)

    @classmethod
    def get_payload(
        cls,
        scope: Construct,
        id: str,
        bucket_name: str,
        key: str,
        result_path: str | None = "$",
    ) -> Chain:
        """Get a JSON payload.

        Enters 1 state, 2 where the result goes into the input.

        Args:
            scope: The construct that holds the states.
            id: Names them, unique in the scope.
            bucket_name: Bucket; may be a reference path.
            key: Key; may be a reference path.
            result_path: Reference path of the payload in the output; ``None`` means ``$``, and
                ``JsonPath.DISCARD`` passes the input on.

        Returns:
            The chain. Its result is the parsed payload.

        Raises:
            InvalidParametersError: Some parameters cannot work; all of them are named.
        """
        _check("get_payload", locals())
        whole = result_path in (None, "$")
        variable = variable_name(scope, f"{id} payload")
        get = state(
            scope,
            f"{id} Get payload",
            {
                "Type": "Task",
                "Resource": _GET,
                "Parameters": parameters({"Bucket": bucket_name, "Key": key}),
                "Retry": S3_RETRY,
                **(
                    {
                        "ResultSelector": {"Payload.$": "States.StringToJson($.Body)"},
                        "OutputPath": "$.Payload",
                    }
                    if whole
                    else {
                        "Assign": {f"{variable}.$": "States.StringToJson($.Body)"},
                        "ResultPath": None,
                    }
                ),
            },
        )
        if whole or is_discarded(result_path):
            return Chain.start(get)
        put = state(
            scope,
            f"{id} Put payload into input",
            {"Type": "Pass", "InputPath": f"${variable}", "ResultPath": result_path},
        )
        return chain(get, put)


def _check(operation: str, given: Mapping[str, Any]) -> None:
    """Refuse parameters that cannot work; ``given`` holds all of an operation's, by name."""
    require(f"{operation} {given['id']!r}", given, _RULES)


def _put(
    scope: Construct,
    id: str,
    place: Mapping[str, str],
    body: Any,
    result_path: str | None,
    output_path: str | None,
) -> Chain:
    resolve, known = _resolve(scope, id, place)
    put = state(
        scope,
        f"{id} Put object",
        {
            "Type": "Task",
            "Resource": _PUT,
            "Parameters": {**known, **parameters({"Body": body})},
            # The service's own result does not say where the object is.
            "ResultSelector": known,
            "ResultPath": result_path or "$",
            "OutputPath": output_path or "$",
            "Retry": S3_RETRY,
        },
    )
    return chain(*resolve, put)


def _resolve(
    scope: Construct, id: str, place: Mapping[str, str]
) -> tuple[list[Any], dict[str, str]]:
    """States that evaluate what is not literal, and the place as later fields can name it.

    A result selector sees the result and the variables, not the input; and a random part of a key
    must be computed once.
    """
    references = {name: reference(value) for name, value in place.items()}
    dynamic = {name: value for name, value in references.items() if is_dynamic(value)}
    if not dynamic:
        return [], references
    variable = variable_name(scope, f"{id} object")
    resolve = state(
        scope,
        f"{id} Resolve",
        {"Type": "Pass", "Assign": {variable: parameters(dynamic)}},
    )
    known = {
        (f"{name}.$" if name in dynamic else name): (
            f"${variable}.{name}" if name in dynamic else value
        )
        for name, value in references.items()
    }
    return [resolve], known
