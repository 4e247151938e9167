"""
How long the gate takes to look for 100 MB of forbidden values in a pack, beside two plain ways to touch them.

    python tests/benchmarks/gate.py PACK                     random sentences
    python tests/benchmarks/gate.py PACK --kind phrases      every value is made of phrases of the pack
    python tests/benchmarks/gate.py PACK --megabytes 300

PACK is a folder such as sample-office/outputs/leadership/weekly_conflict/kestara/2026-W46/v1. The obvious way
(`value in text` for each value) is timed on a part of the values and scaled up. Trust the ratios, not the
seconds.
"""

import argparse
import html
import json
import random
import re
import sys
import time
import zlib
from pathlib import Path

from workbench import gate

SEED = 7


def values(kind: str, megabytes: float, words: list[str]) -> list[str]:
    """Return sentences of so many megabytes together."""
    chance = random.Random(SEED)  # noqa: S311  # the same values each time
    made: list[str] = []
    size = 0.0
    letters = "ابتثجحخدذرزسش" if kind == "arabic" else "abcdefghijklmnopqrstuvwxyz"
    pool = ["".join(chance.choices(letters, k=6)) for _ in range(20_000)]
    while size < megabytes * 1e6:
        if kind == "phrases":
            starts = [chance.randrange(len(words) - 4) for _ in range(5)]
            one = " ".join(word for at in starts for word in words[at : at + 3])
        elif kind == "words":
            one = " ".join(chance.choices(words, k=16))
        else:
            one = " ".join(chance.choices(pool, k=14))
        size += len(one.encode())
        made.append(one)
    return made


def told(line: str) -> None:
    """Write one line."""
    sys.stdout.write(line + "\n")


def timed(what: str, started: float, base: float | None = None) -> float:
    """Print how long something took, and how many times as long as `base`."""
    seconds = time.perf_counter() - started
    told(f"{what:60} {seconds:9.2f} s" + (f"{seconds / base:9.2f} times" if base else ""))
    return seconds


def main() -> None:
    """Make the values, time the gate and the plain ways."""
    options = argparse.ArgumentParser()
    options.add_argument("pack", type=Path)
    options.add_argument("--megabytes", type=float, default=100)
    options.add_argument("--kind", choices=["random", "words", "phrases", "arabic"], default="random")
    given = options.parse_args()
    manifest = json.loads((given.pack / "manifest.json").read_text(encoding="utf-8"))
    page = (given.pack / "briefing.html").read_text(encoding="utf-8")
    text = html.unescape(re.sub(r"<style.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL))
    forbidden = values(given.kind, given.megabytes, re.findall(r"[^\W_]+", text))
    told(f"{len(forbidden):,} values, {sum(len(one.encode()) for one in forbidden) / 1e6:.0f} MB")
    expected = gate.Expected(
        audience=manifest["audience"], marking=manifest["marking"], status=manifest["status"],
        recipients=tuple(manifest.get("recipients", [])),
    )  # fmt: skip

    started = time.perf_counter()
    zlib.compress("\n".join(forbidden).encode(), 6)
    base = timed("zlib, level 6, over the values", started)
    started = time.perf_counter()
    report = gate.check_apart(given.pack, forbidden=forbidden, permitted=[text], expected=expected)
    timed("gate.check_apart, start of the process included", started, base)
    started = time.perf_counter()
    gate.check_apart(given.pack, forbidden=[], permitted=[text], expected=expected)
    timed("the same without any value", started, base)
    part = forbidden[:2000]
    started = time.perf_counter()
    plain = text.casefold()
    found = sum(value.casefold() in plain for value in part)
    spent = (time.perf_counter() - started) * len(forbidden) / len(part)
    what = "`in` for each value, scaled up; finds whole values only"
    told(f"{what:60} {spent:9.2f} s{spent / base:9.2f} times")
    told(f"findings: {len(report.findings)}; whole values found by `in` in the part: {found}")


if __name__ == "__main__":
    main()
