"""What differs between two definitions, in words.

The order of keys and how a file is formatted are no differences.

- `sfn_fragments_asl.comparing.machines`: ``compare_machines``, and what it returns.
- `sfn_fragments_asl.comparing.pairing`: which state machines of two templates belong together.
- `sfn_fragments_asl.comparing.states`: which states belong together, and what differs.
- `sfn_fragments_asl.comparing.fields`: what differs within a state.
- `sfn_fragments_asl.comparing.values`: what differs within JSON data.
- `sfn_fragments_asl.comparing.permissions`: what the role may do now, and no longer.
"""

from __future__ import annotations

from sfn_fragments_asl.comparing.machines import MachineDifference, compare_machines
from sfn_fragments_asl.comparing.pairing import Difference, compare

__all__ = ["Difference", "MachineDifference", "compare", "compare_machines"]
