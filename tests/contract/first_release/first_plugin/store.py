"""A fragment of the base class and the generic states."""

from aws_cdk.aws_stepfunctions import Pass

from sfn_fragments import Example, FragmentsError
from sfn_fragments.fragments import EnvBaseStateMachineFragment
from sfn_fragments.states import CommonOperation, S3Operation
from sfn_fragments.states.naming import state_name


class StoreError(FragmentsError):
    """An error of its own, which commands tell in one line."""


class Store(EnvBaseStateMachineFragment):
    """Keeps the input in S3, and reads it again."""

    def __init__(self, scope, id, env_base, bucket):
        super().__init__(scope, id, env_base)
        if not bucket:
            raise StoreError("there is no bucket")
        put = S3Operation.put_payload(self, "Keep", "$", bucket.bucket_name, result_path="$.kept")
        get = S3Operation.get_payload(self, "Read", bucket.bucket_name, "$.kept.Key")
        both = CommonOperation.enclose_chainable(self, "Both", put.next(get))
        self.definition = both.next(Pass(self, state_name(self, "Done")))


EXAMPLE = Example(
    summary="Keeps a sample.",
    arguments=lambda sandbox: {"bucket": sandbox.bucket},
    input={"sample": "A1"},
)
