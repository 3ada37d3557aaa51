# What the package offers, each imported on first touch; `lazy.stub_exports` reads it.
from sfn_fragments_authoring.testing.cases import CheckCase as CheckCase
from sfn_fragments_authoring.testing.cases import RunnerCase as RunnerCase
from sfn_fragments_authoring.testing.fragment_suite import FragmentSuite as FragmentSuite
from sfn_fragments_authoring.testing.plugin_suite import PluginSuite as PluginSuite
