"""The templates of what can be deployed: constructs, templates and files."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sfn_fragments_local.deployment.assembly import read_assembly, read_json
from sfn_fragments_local.deployment.errors import DeploymentError
from sfn_fragments_local.deployment.template import Template


def read_templates(source: object, name: str) -> list[Template]:
    """The templates of what `Engine.deploy` takes, in the order in which they must be deployed.

    Args:
        source: A CDK stack or app, a template, or a path to a template or a cloud assembly.
        name: Stack name of a template that has none.

    Raises:
        DeploymentError: It is none of these, or cannot be read.
    """
    if isinstance(source, Mapping):
        return [Template(name, source)]
    if isinstance(source, str | Path):
        return _read_path(Path(source))
    if "aws_cdk" in sys.modules:
        import aws_cdk

        if isinstance(source, aws_cdk.Stack):
            # A nested stack comes with the stack that holds it.
            stack = source
            while stack.nested_stack_parent is not None:
                stack = stack.nested_stack_parent
            root = stack.node.root
            if not isinstance(root, aws_cdk.Stage):
                raise DeploymentError(
                    f"deploy: stack {stack.stack_name!r} is in no app; make it in an App"
                )
            return read_assembly(_synthesized(root), only=stack.artifact_id)
        if isinstance(source, aws_cdk.Stage):
            return read_assembly(_synthesized(source))
    raise DeploymentError(
        f"deploy: {source!r} is a {type(source).__name__}; give a CDK Stack or App, a template as "
        "a dict, or the path of a template file or of a cloud assembly folder"
    )


def _synthesized(stage: Any) -> Path:
    try:
        # force: constructs may have been added since the last time.
        folder = Path(stage.synth(force=True).directory)
    except RuntimeError as error:
        # What jsii makes of CDK's errors, with a stack trace of JavaScript behind the message.
        lines = [one for one in str(error).splitlines() if not one.lstrip().startswith("at ")]
        raise DeploymentError(
            f"deploy: CDK cannot synthesize the app: {' '.join(' '.join(lines).split())}"
        ) from error
    if folder.parent == Path(tempfile.gettempdir()) and folder.name.startswith("cdk.out"):
        # CDK makes this folder for an app without `outdir`, and leaves it. The app may still
        # read it, so it goes at the end of the process.
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _read_path(path: Path) -> list[Template]:
    if path.is_dir():
        return read_assembly(path)
    body = read_json(path)
    if "Resources" not in body:
        raise DeploymentError(f"deploy: {str(path)!r} has no 'Resources'; give a template")
    return [Template(path.name.split(".")[0], body)]
