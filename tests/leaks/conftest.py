"""The office of canaries, published once for all audiences: what the tests of this folder look through."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from tests import canaries
from tests.canaries import Aviary
from tests.leaks.readers import AUDIENCES, RELEASE
from workbench.config import Office, load

WEEK = "2026-W46"
PLACE = Path("weekly_conflict", "kestara", WEEK, "v1")
LONG = bool(os.environ.get("WORKBENCH_LONG"))
SHORT = {"district_profile": {"internal"}, "data_quality": {"leadership"}}
"""For whom these are made in the normal run; for all who get them in the long one."""

TEMPORARY = "temporary"
"""Folder beside the office in which its commands keep what they need for a while."""

SEVERAL = """
import json, sys
from workbench.cli import main
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["workbench", *arguments]
    try:
        main()
    except SystemExit as ended:
        if ended.code:
            raise
"""


@dataclass(frozen=True)
class Made:
    """The office of canaries with all that was published from it, and what the commands said."""

    office: Office
    aviary: Aviary
    said: str

    def of(self, audience: str) -> list[Path]:
        """Return the folders of what is made for an audience: what readers get, and drafts."""
        folders = (self.office.path(self.office.outputs), self.office.path(self.office.private) / "drafts")
        return [folder / audience for folder in folders if (folder / audience).is_dir()]


def orders() -> list[list[str]]:
    """Return the commands by which the office is pulled and every edition published."""
    pulled = [["pull"], ["pull", "incident_relabelled"]]
    runs = []
    for name in dict.fromkeys(name for reader in AUDIENCES.values() for name in reader.briefings):
        readers = [
            one
            for one, reader in AUDIENCES.items()
            if name in reader.briefings and (LONG or one in SHORT.get(name, AUDIENCES))
        ]
        runs.append(["run", name, "--week", WEEK, *(w for one in readers for w in ("--audience", one))])
    return [*pulled, *runs]


def workbench(office: Path, commands: Iterable[Iterable[str]]) -> str:
    """Run commands one after the other in a process of its own; return all that they said."""
    told = json.dumps([[*one, "--office", str(office)] for one in commands])
    temporary = office.with_name(TEMPORARY)
    temporary.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", SEVERAL, told],
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=900,
        env=os.environ | {"COLUMNS": "400"} | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Pull the canaries and publish them for all audiences: once, whichever worker comes first."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "leaks"
    with FileLock(f"{folder}.lock"):
        if not (folder / "said.txt").exists():
            said = publish(folder / "office", canaries.make(folder / "office"))
            (folder / "said.txt").write_text(said, encoding="utf-8")
    aviary = canaries.make(tmp_path_factory.mktemp("again"))  # the same each time
    return Made(load(folder / "office"), aviary, (folder / "said.txt").read_text(encoding="utf-8"))


def publish(office: Path, aviary: Aviary) -> str:
    """Pull, publish and release; between two pulls, a source labels a row lower than the store knows it."""
    first, second, *runs = orders()
    said = workbench(office, [first])
    canaries.relabel(aviary)
    # two people release only what an approved notebook made
    approve = ["approve", "notebooks/weekly_conflict.ipynb", "--by", "Desk"]
    said += workbench(office, [second, approve, *runs])
    drafts = office / "private" / "drafts"
    people = {"one_person": ["Desk"], "two_people": ["Desk", "Head of security"]}
    return said + workbench(
        office,
        [
            ["release", str(drafts / audience / PLACE), "--by", person]
            for audience, release in RELEASE.items()
            for person in people[release]
        ],
    )
