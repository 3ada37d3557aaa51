# What the package offers, each imported on first touch; `lazy.stub_exports` reads it.
from sfn_fragments.testing.fragment_suite import FragmentSuite as FragmentSuite
