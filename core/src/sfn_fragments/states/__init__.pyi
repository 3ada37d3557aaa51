# What the package offers, each imported on first touch; `lazy.stub_exports` reads it.
from sfn_fragments.states.common import CommonOperation as CommonOperation
from sfn_fragments.states.s3 import S3Operation as S3Operation
