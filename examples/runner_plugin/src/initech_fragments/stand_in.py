"""What stands in for the program of the image; put what yours does in its place."""

from __future__ import annotations

import argparse
import json


def main() -> None:
    """Take the program's arguments, and write what it writes."""
    parser = argparse.ArgumentParser(prog="align")
    parser.add_argument("--size", type=int, default=1)
    arguments = parser.parse_args()
    print(json.dumps({"size": arguments.size}))


if __name__ == "__main__":
    main()
