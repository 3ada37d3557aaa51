"""Forms of presigned POSTs, as a browser sends them."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def send_form(url: str, fields: Mapping[str, str], file: str = "form") -> tuple[int, str]:
    """Send a file with a form.

    Args:
        url: Where to.
        fields: The fields of the form.
        file: What is in the file.

    Returns:
        The status of the answer, and the code of its error.
    """
    lines = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {**fields, "file": file}.items()
    ]
    form = ("".join(lines) + "--x--\r\n").encode()
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    return answer_to(urllib.request.Request(url, form, kind))


def answer_to(request: urllib.request.Request) -> tuple[int, str]:
    """Send a request.

    Args:
        request: The request.

    Returns:
        The status of the answer, and the code of its error.
    """
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status), ""
    except urllib.error.HTTPError as error:
        with error:
            found = re.search("<Code>(.*)</Code>", error.read().decode())
            return error.code, found[1] if found else ""
