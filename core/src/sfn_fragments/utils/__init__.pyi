# What the package offers, each imported on first touch; `lazy.stub_exports` reads it.
from sfn_fragments.states.common import enclosed_chain as enclosed_chain
from sfn_fragments.utils.reference_path import JsonReferencePath as JsonReferencePath
from sfn_fragments_asl.model.api_case import (
    convert_to_sfn_api_action_case as convert_to_sfn_api_action_case,
)
