"""Print what built distributions require of others: ``python tools/direct_requirements.py FOLDER``.

An installer that is to take the oldest release of each direct requirement takes it for those that
it is given itself, not for those of the wheels that it installs. So CI gives it these.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

from packaging.metadata import Metadata
from packaging.utils import canonicalize_name


def direct_requirements(folder: Path) -> list[str]:
    """The requirements of all wheels in a folder on what is not there, those of extras included.

    Args:
        folder: The folder.
    """
    found = []
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
            found.append(Metadata.from_email(archive.read(name), validate=True))
    ours = {canonicalize_name(each.name) for each in found}
    requirements = set()
    for metadata in found:
        for requirement in metadata.requires_dist or ():
            if canonicalize_name(requirement.name) not in ours:
                # All that their markers tell apart is extras.
                requirement.marker = None
                requirements.add(str(requirement))
    return sorted(requirements)


if __name__ == "__main__":
    print("\n".join(direct_requirements(Path(sys.argv[1]))))
