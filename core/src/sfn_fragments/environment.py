"""The one place of this distribution that imports ``aibs_informatics_core``.

Its licence forbids commercial use without permission, so it must be easy to swap.
"""

from aibs_informatics_core.env import EnvBase, ResourceNameBaseEnum

__all__ = ["EnvBase", "ResourceNameBaseEnum"]
