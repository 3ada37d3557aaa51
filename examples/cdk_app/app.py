"""The app, as the CDK CLI runs it: ``cdk synth``, ``cdk deploy --all``."""

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks
from imaging.stacks import build

app = App()
build(app)
# A finding that no reason explains fails the synthesis.
Validations.of(app).add_plugins(AwsSolutionsChecks(app))
app.synth()
