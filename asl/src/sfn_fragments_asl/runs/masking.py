"""Texts without the secrets in them."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: What stands where a secret was.
MASK = "••••••"

#: Characters of a text that is masked wherever it appears: shorter ones are in every other word.
SHORTEST = 4


class Masker:
    """Takes secrets out of texts, in whatever form JSON, URLs and Base64 give them.

    Args:
        secrets: The secrets; those shorter than ``SHORTEST`` are left where they are.

    Examples:
        >>> Masker(["hunter2"]).text("password=hunter2")
        'password=••••••'
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        """Prepare the search for all of them at once."""
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
        # The longest first: one may begin as another does.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def text(self, text: str) -> str:
        """A text without them."""
        return text if self._pattern is None else self._pattern.sub(MASK, text)

    def value(self, value: Any) -> Any:
        """JSON without them; the names of fields are kept."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.value(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(each) for each in value]
        return value


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may stand in a text."""
    if len(secret) < SHORTEST:
        return
    yield secret
    yield secret.strip()
    # A text in JSON may be JSON itself, as the cause of a failed job is in its catcher's output.
    for ascii_only in (True, False):
        escaped = secret
        for _ in range(3):
            escaped = json.dumps(escaped, ensure_ascii=ascii_only)[1:-1]
            yield escaped
    yield quote(secret, safe="")
    yield base64.b64encode(secret.encode()).decode()
    # A log shows the lines of a secret of several lines each by itself.
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= 2 * SHORTEST)
