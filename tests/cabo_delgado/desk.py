"""A desk for Cabo Delgado: the office of this folder with the publishers' files."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from workbench.config import Office, load
from workbench.publish import Order, Published, publish
from workbench.pull import PullReport, pull_all
from workbench.view import Request, View, make, present, store_of

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHARED = ROOT.parent / "shared" / "data"
BOUNDARIES = SHARED / "boundaries" / "moz_adm2_cabo_delgado.geojson"
JANUARY_TO_JUNE = SHARED / "ucdp" / "ged_candidate_v26_01_26_06_mozambique.csv"
JULY = SHARED / "ucdp" / "ged_candidate_v26_0_7_mozambique.csv"

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real data (../shared/data) is not here")


@dataclass(frozen=True)
class Desk:
    """The office in `folder`. Its clock stands where the last call of `at` put it."""

    folder: Path

    @classmethod
    def set_up(cls, folder: Path) -> "Desk":
        """Copy the office, its notebooks and the district outlines into `folder`, without any incident."""
        shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        shutil.copytree(ROOT / "notebooks", folder / "notebooks")
        shutil.copy(BOUNDARIES, folder / "geography")
        return cls(folder)

    @property
    def office(self) -> Office:
        """The office as its configuration now says."""
        return load(self.folder)

    def at(self, instant: str) -> "Desk":
        """Set the office's clock."""
        file = self.folder / "workbench.toml"
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"fixed_clock = \S+", f"fixed_clock = {instant}", text), encoding="utf-8")
        return self

    def receive(self, file: Path) -> None:
        """Put a publisher's file where the office looks for it."""
        shutil.copy(file, self.folder / "data")

    def pull(self) -> dict[str, PullReport]:
        """Pull every source now; return the report of each."""
        office = self.office
        reports, failures = pull_all(office, store_of(office), None, at=office.now())
        assert not failures
        return {report.source: report for report in reports}

    def publish(self, week: str, audience: str, *, as_of: datetime | None = None) -> Published:
        """Publish one week's briefing, as known at `as_of` or now; what stands is made again."""
        office = self.office
        store = store_of(office)
        moment = as_of or present(office, store)
        order = Order("weekly_conflict", "cabo_delgado", week, audience, "en", moment)
        return publish(office, store, order, progress=lambda _: None, force=True)

    def view(self, week: str, audience: str = "internal") -> View:
        """Return what an audience may see of a week, as known now."""
        office = self.office
        store = store_of(office)
        return make(office, store, Request("cabo_delgado", week, audience, present(office, store)))

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command line in a process of its own, from the office's folder."""
        start = "from workbench.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", start, *words],
            cwd=self.folder, capture_output=True, text=True, encoding="utf-8", check=False,
            env=os.environ | {"COLUMNS": "200", "PYTHONUTF8": "1"},
        )  # fmt: skip
