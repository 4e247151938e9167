"""The process that checks one pack: values and question come through standard input, the report leaves."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from workbench.gate._apart import expected_from, to_bytes
from workbench.gate._check import check_packed
from workbench.gate._sieve import unpacked


def main() -> None:
    """Read the question, check, write the report; anything else ends the process with an error."""
    given = sys.stdin.buffer
    head, *lengths = json.loads(given.readline())
    forbidden, permitted, sealed = runs = [given.read(one) for one in lengths]
    if [len(run) for run in runs] != lengths:
        raise EOFError
    report = check_packed(
        Path(head["folder"]),
        forbidden=forbidden,
        permitted=unpacked(permitted),
        expected=expected_from(head["expected"]),
        sealed=sealed,
    )
    sys.stdout.buffer.write(to_bytes(report))


if __name__ == "__main__":
    main()
