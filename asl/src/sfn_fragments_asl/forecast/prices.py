"""List prices of Step Functions, in us-east-1, without the free tier.

https://aws.amazon.com/step-functions/pricing/, as of 2026-11. AWS counts a transition "each time a
step of your workflow is executed", retries included; an Express workflow is billed by the request,
and by its duration and memory, which no definition tells.
"""

from __future__ import annotations

#: Dollars for a million transitions of Standard workflows: $0.025 for 1,000.
DOLLARS_PER_MILLION_TRANSITIONS = 25
#: Dollars for a million executions of Express workflows; their duration comes on top.
DOLLARS_PER_MILLION_EXPRESS_REQUESTS = 1
