# /// script
# requires-python = ">=3.11"
# dependencies = ["aws-sam-translator"]
# ///
"""Write the policy templates of SAM anew: ``uv run tools/refresh_sam_policies.py``.

It runs in an environment of its own, with ``aws-sam-translator``, which has the templates as SAM
expands them. What is written is what they allow: a name, its parameters, and statements with
``${Parameter}`` where a value goes. The library reads that file alone.

With ``--check``, nothing is written; it fails if something would be.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = ROOT / "asl" / "src" / "sfn_fragments_asl" / "reading" / "sam_policies.json"


def policies() -> dict[str, dict[str, Any]]:
    """What each template takes and allows, by its name."""
    text = (
        files("samtranslator.policy_templates_data").joinpath("policy_templates.json").read_text()
    )
    return {
        name: {
            "Parameters": sorted(template["Parameters"]),
            "Statement": [_plain(each) for each in template["Definition"]["Statement"]],
        }
        for name, template in sorted(json.loads(text)["Templates"].items())
    }


def _plain(value: Any) -> Any:
    """A part of a statement, in which intrinsics are texts with places to fill in."""
    match value:
        case {"Fn::Sub": str(text)}:
            return text
        case {"Fn::Sub": [str(text), dict(variables)]}:
            for name, reference in variables.items():
                text = text.replace(f"${{{name}}}", f"${{{reference['Ref']}}}")
            return text
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
    return value


def text() -> str:
    """The file: a template a line, so that a change shows."""
    lines = [f"{json.dumps(name)}: {json.dumps(each)}" for name, each in policies().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> int:
    """Write the file, or compare it."""
    if "--check" in sys.argv[1:]:
        return 0 if WRITTEN.read_text(encoding="utf-8") == text() else 1
    WRITTEN.write_text(text(), encoding="utf-8")
    print(f"{len(policies())} policy templates, {len(text())} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
