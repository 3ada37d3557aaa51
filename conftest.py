"""Before any test imports CDK: jsii takes whatever Node is on PATH, and there may be none."""

from __future__ import annotations

from sfn_fragments.node import ensure_node

ensure_node()
