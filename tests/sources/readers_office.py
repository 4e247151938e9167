"""An invented office for the reader tests, and a shorthand for reading one source of it."""

from pathlib import Path

from workbench import sources
from workbench.config import Office, load

DATA = Path(__file__).parent.parent / "data"
SHARED = Path(__file__).parents[3] / "shared" / "data"

_OFFICE = """
name = "Invented office"
prepared_by = "Desk"
time_zone = "Africa/Maputo"
week_starts = "monday"
languages = ["en"]
likelihood_scale = "{scale}"
fictional = true

[geography]
boundaries = "boundaries.geojson"
code = "code"
name = "name"
parent_code = "parent_code"
parent_name = "parent_name"
attribution = "Invented"

[[area]]
slug = "north"
name = "North"
districts = ["XA0101"]
counts_from = ["incidents"]

[[audience]]
slug = "internal"
name = "Internal"
level = "internal"
compartments = []
place_precision = "district"
free_text = "full"
briefings = []
marking = "Internal"
release = "automatic"

[[briefing]]
slug = "weekly"
title = "Weekly"
notebook = "weekly.ipynb"

[[source]]
slug = "incidents"
title = "Incidents"
record = "incident"
reader = "ucdp"
path = "none.csv"
licence = "None"
attribution = "Invented"

[[source]]
slug = "tried"
title = "The source under test"
licence = "None"
attribution = "Invented"
{source}
"""


def office_with(folder: Path, source: str, *, scale: str = "icd203") -> Office:
    """Make an office in `folder` whose source `tried` has the given TOML lines."""
    (folder / "workbench.toml").write_text(_OFFICE.format(source=source, scale=scale), encoding="utf-8")
    return load(folder)


def deliver(folder: Path, source: str, *, scale: str = "icd203") -> sources.Delivery:
    """Read the source `tried` of such an office."""
    office = office_with(folder, source, scale=scale)
    return sources.read(office.source_called("tried"), office)


def sample(folder: Path, name: str) -> str:
    """Copy a file of tests/data into `folder` and return its name."""
    (folder / name).write_bytes((DATA / name).read_bytes())
    return name
