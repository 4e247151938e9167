"""One sample office for many tests: made and pulled once in a session, copied by each test that writes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import Phase, settings

from workbench import sample
from workbench.config import Office, load
from workbench.keys import keys_of
from workbench.pull import pull_all
from workbench.records import DTYPES, record_type
from workbench.view import View, store_of

# machines are shared and noisy: how long one example takes proves nothing
settings.register_profile("workbench", deadline=None)
# a mutant is killed by the first example that fails: nobody reads the smallest one
settings.register_profile(
    "mutants", deadline=None, max_examples=8, derandomize=True, database=None,
    phases=(Phase.explicit, Phase.generate),
)  # fmt: skip
settings.load_profile("workbench")


def deliver_and_pull(folder: Path, number: int) -> None:
    """Write delivery `number` of the sample office and pull every source at its moment."""
    sample.deliver(folder, number)
    office = load(folder)
    _, failures = pull_all(office, store_of(office), None, at=sample.DELIVERIES[number - 1])
    assert not failures


@pytest.fixture(scope="session")
def sample_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Return the sample office with both deliveries pulled and nothing published; do not write into it."""
    folder = tmp_path_factory.mktemp("sample") / "office"
    sample.make(folder)
    release_rules(folder)
    for number in range(1, len(sample.DELIVERIES) + 1):
        deliver_and_pull(folder, number)
    return load(folder)


@pytest.fixture
def own_office(sample_office: Office, tmp_path: Path) -> Office:
    """Return a copy of the sample office that the test may change."""
    return copy_of(sample_office, tmp_path / "office")


@pytest.fixture
def office_edited(sample_office: Office, tmp_path: Path) -> Callable[..., Office]:
    """Give a way to copy the sample office with its workbench.toml edited: edited({old: new})."""

    def edited(replaced: dict[str, str]) -> Office:
        office = copy_of(sample_office, tmp_path / "edited")
        edit(office.root, replaced)
        return load(office.root)

    return edited


def release_rules(folder: Path, **rules: str) -> Office:
    """Say in an office's workbench.toml who releases to each audience; to those not named, the rule does."""
    file = folder / "workbench.toml"
    head, *parts = file.read_text(encoding="utf-8").split("[[audience]]\n")
    said = []
    for part in parts:
        slug = re.search(r'^slug = "(\w+)"', part)
        assert slug
        rule = rules.get(slug[1], "automatic")
        said.append(re.sub(r'^release = "\w+"', f'release = "{rule}"', part, count=1, flags=re.MULTILINE))
    file.write_text("[[audience]]\n".join([head, *said]), encoding="utf-8")
    return load(folder)


def copy_of(office: Office, folder: Path) -> Office:
    """Copy an office into `folder`, which is not there yet."""
    shutil.copytree(office.root, folder)
    return load(folder)


def edit(folder: Path, replaced: dict[str, str]) -> None:
    """Replace passages of an office's workbench.toml; each must be in it."""
    file = folder / "workbench.toml"
    text = file.read_text(encoding="utf-8")
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")


def put_rows(office: Office, record: str, *rows: dict[str, object], source: str, at: datetime) -> datetime:
    """Add rows to what `source` has delivered, as one more delivery of it; return when it was recorded."""
    store = store_of(office)
    with store.delivery(source=source, at=at) as delivery:
        delivery.append(record_type(record), frame(record, *rows, source=source), complete=False)
        counts = dict.fromkeys(("read", "new"), len(rows)) | dict.fromkeys(
            ("changed", "withdrawn", "unchanged", "rejected", "unmatched"), 0
        )
        told = {
            "record_id": f"{source}/{delivery.batch}", "level": "internal", "record": record,
            "occurred_on": at.date(), "last_dated": at.date(), **counts,
        }  # fmt: skip
        delivery.append(record_type("delivery"), frame("delivery", told, source=source), complete=False)
        return delivery.recorded_at


def code_of(seen: View) -> Callable[[str], str]:
    """Return the sample office's codes for the readers of a view: record id -> what stands in its stead."""
    keys = keys_of(load(Path(__file__).parents[1]))
    return lambda record_id: keys.pseudonym(seen.audience.slug, "record", record_id)


def frame(record: str, *rows: dict[str, object], source: str) -> pd.DataFrame:
    """Return rows of a record type with all its columns; those not given are missing, listable is true."""
    given = [{"source": source, "listable": True, **row} for row in rows]
    return pd.DataFrame(
        {
            column.name: pd.Series([row.get(column.name) for row in given], dtype=DTYPES[column.kind])
            for column in record_type(record).columns
        }
    )
