"""What is installed with the distributions of this project: name, version and licence of each.

``uv run python tools/bill_of_materials.py [DISTRIBUTION ...]``: a table; with ``--json`` a bill of
materials in the form of CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). Without names it is
that of all of this project. Exits with 1 if something tells no licence.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = "sfn-fragments"

_CLASSIFIER = "License :: "


@dataclass(frozen=True, order=True)
class Component:
    """A distribution.

    Attributes:
        name: Its name, as the index writes it.
        version: Its version.
        licence: Its licence, as it says itself; empty if it does not.
    """

    name: str
    version: str
    licence: str


def licence_of(distribution: metadata.Distribution) -> str:
    """The licence that a distribution names, by the newest of the fields that there have been.

    Args:
        distribution: An installed one.
    """
    fields = distribution.metadata
    if expression := fields.get_all("License-Expression"):
        return str(expression[0])
    classified = [
        one.rpartition(" :: ")[2]
        for one in fields.get_all("Classifier") or ()
        if one.startswith(_CLASSIFIER) and one != "License :: OSI Approved"
    ]
    if classified:
        return " AND ".join(classified)
    named = "".join(fields.get_all("License") or ()).strip()
    if named and "\n" not in named:
        return named
    # The whole text, or a file: its first line is its title.
    texts = [named, *(_text(distribution, name) for name in fields.get_all("License-File") or ())]
    lines = [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    return lines[0] if lines else ""


def _text(distribution: metadata.Distribution, name: str) -> str:
    for path in (f"licenses/{name}", name):
        if text := distribution.read_text(path):
            return text
    return ""


def components(roots: list[str]) -> list[Component]:
    """What distributions need, themselves included.

    Args:
        roots: Their names.

    Returns:
        All that is installed of what they require here, in the order of the names.
    """
    found: dict[str, Component] = {}
    wanted = [(canonicalize_name(name), frozenset[str]()) for name in roots]
    seen = set()
    while wanted:
        name, extras = one = wanted.pop()
        if one in seen:
            continue
        seen.add(one)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # of another platform
            continue
        found[name] = Component(name, distribution.version, licence_of(distribution))
        for text in distribution.requires or ():
            requirement = Requirement(text)
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": e}) for e in ("", *extras)):
                wanted.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return sorted(found.values())


def bill(found: list[Component]) -> dict[str, object]:
    """A bill of materials.

    Args:
        found: The components.
    """
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "components": [
            {
                "type": "library",
                "name": one.name,
                "version": one.version,
                "purl": f"pkg:pypi/{one.name}@{one.version}",
                "licenses": [{"license": {"name": one.licence}}] if one.licence else [],
            }
            for one in found
        ],
    }


def main(arguments: list[str]) -> int:
    """Print it.

    Args:
        arguments: Names of distributions, and ``--json``.

    Returns:
        The exit code.
    """
    names = [one for one in arguments if one != "--json"]
    if not names:
        installed = {canonicalize_name(one.metadata["Name"]) for one in metadata.distributions()}
        names = sorted(name for name in installed if name.startswith(OURS))
    found = components(names)
    if "--json" in arguments:
        print(json.dumps(bill(found), indent=2))
    else:
        width = max((len(one.name) for one in found), default=0)
        for one in found:
            print(f"{one.name:{width}}  {one.version:12}  {one.licence or 'UNKNOWN'}")
    return 1 if any(not one.licence for one in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
