"""An invented office whose tick costs little: two sources, a small notebook, readers in three time zones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests import small_notebook
from tests.pull_office import features, log, write_log
from workbench.briefing import approve
from workbench.config import Office, load

BRIEFING, AREA = "weekly", "north"

OFFICE = """
name = "Invented office"
prepared_by = "Desk"
time_zone = "Europe/Berlin"
week_starts = "monday"
languages = ["en"]
likelihood_scale = "icd203"
fictional = true

[geography]
boundaries = "boundaries.geojson"
code = "code"
name = "name"
parent_code = "parent_code"
parent_name = "parent_name"
attribution = "Invented"

[scheduler]
jobs = 1
first_pause_minutes = 5
attempts = 20

[keep]
ledger_days = 4000 # the long proofs live through more than a year, and look at all of it

[[area]]
slug = "north"
name = "North"
districts = ["XA0101"]
counts_from = ["log", "second"]

[[briefing]]
slug = "weekly"
title = "Weekly"
notebook = "weekly.ipynb"
"""

AUDIENCE = """
[[audience]]
slug = "{slug}"
name = "{slug}"
level = "internal"
compartments = []
place_precision = "district"
free_text = "full"
briefings = ["weekly"]
marking = "Internal"
release = "{release}"
recipients = [{recipients}]
"""

SCHEDULE = """
[[schedule]]
slug = "{slug}"
cron = "{cron}"
time_zone = "{zone}"
starts_on = 2026-01-05
audiences = ["{slug}"]
catch_up = "{catch_up}"
oldest_days = {oldest_days}
late_after_minutes = 240
"""

SMALL = """\
from workbench.blocks import Text
from workbench.document import sections
from workbench.view import open_view

edition = open_view(area=area, week=week, audience=audience, as_of=as_of, language=language)
sections.masthead(edition, title="Small briefing: {area}", briefing="weekly")
"""

COUNT = 'Text.plain(f"Incidents: {len(edition.view.counted)}.")'


@dataclass(frozen=True)
class Readers:
    """An audience, and the clock on its wall by which its issue is due."""

    slug: str
    zone: str
    cron: str
    catch_up: str = "all"
    oldest_days: int = 28


BERLIN = Readers("berlin", "Europe/Berlin", "30 2 * * SUN")
"""Its clock skips that time on 2026-03-29, and shows it twice on 2026-10-25."""
CHATHAM = Readers("chatham", "Pacific/Chatham", "0 3 * * SUN")
"""Shows that time twice on 2026-04-05, and skips it on 2026-09-27."""
NEW_YORK = Readers("new_york", "America/New_York", "30 1 * * SUN")
"""Shows that time twice on 2026-11-01."""


def make(
    folder: Path,
    *readers: Readers,
    more: str = "",
    recipients: Iterable[str] = (),
    release: str = "automatic",
) -> Office:
    """Make the office in `folder`, with a delivery to be pulled; nothing is published. `more` is TOML."""
    import json

    folder.mkdir(parents=True)
    collection = {"type": "FeatureCollection", "features": features()}
    (folder / "boundaries.geojson").write_text(json.dumps(collection), encoding="utf-8")
    told = readers or (BERLIN,)
    parts = [
        OFFICE,
        *(
            AUDIENCE.format(
                slug=one.slug, release=release, recipients=", ".join(f'"{address}"' for address in recipients)
            )
            for one in told
        ),
        log(),
        log("second"),
        *(
            SCHEDULE.format(
                slug=one.slug,
                zone=one.zone,
                cron=one.cron,
                catch_up=one.catch_up,
                oldest_days=one.oldest_days,
            )
            for one in told
        ),
        more,
    ]
    (folder / "workbench.toml").write_text("".join(parts), encoding="utf-8")
    deliver(folder, date(2026, 1, 1))
    office = load(folder)
    notebook = small_notebook.put(office, COUNT, opening=SMALL)
    approve(office, notebook, by="A. Reader", at=datetime(2026, 1, 1, tzinfo=UTC))
    return office


def opened(folder: Path, now: datetime) -> Office:
    """Return the office in a folder, whose machine's clock shows `now`."""
    return load(folder).model_copy(update={"fixed_clock": now})


def deliver(folder: Path, day: date) -> None:
    """Write both sources as they stand on a day: an incident on each of the seven days before."""
    days = [day - timedelta(days=one) for one in range(7)]
    for name in ("log.csv", "second.csv"):
        write_log(
            folder, *((f"i{one:%m%d}", one.isoformat(), one.day % 3, "Órvane") for one in days), name=name
        )
