"""UCDP Georeferenced Event Dataset (GED) and Candidate events: CSV of 49 or 42 columns, or HDX's copy."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pandas as pd

from workbench.config import Office, Source
from workbench.sources._dates import iso_dates
from workbench.sources._publisher import assemble, named_ids, open_grid, translate

# Both layouts have these. The older one lacks relid, code_status, where_description and the *_dset_id.
_COLUMNS = (
    "id", "type_of_violence", "side_a", "side_b", "source_article", "source_date", "source_headline",
    "where_prec", "where_coordinates", "adm_1", "adm_2", "latitude", "longitude", "country", "date_prec",
    "date_start", "date_end", "deaths_civilians", "best", "high", "low",
)  # fmt: skip

_VIOLENCE = {"1": "state-based", "2": "non-state", "3": "one-sided"}
_EVENT_TYPE = {"1": "armed_clash", "2": "armed_clash", "3": "attack_on_civilians"}
# Codebook, where_prec: 1 exact, 2 near a known point, 3 ADM2, 4 ADM1, 5 a feature or region wider or
# vaguer than ADM1, 6 country, 7 international waters or airspace.
_PLACE = {
    "1": "place",
    "2": "near_place",
    "3": "district",
    "4": "province",
    "5": "province",
    "6": "country",
    "7": "country",
}
_PRECISIONS = ("day", "days", "week", "month", "longer")
_CANDIDATE_NAME = re.compile(r"candidate|(?<!\d)v?\d\d[._]0[._]\d", re.IGNORECASE)


def read_ucdp(path: Path, source: Source, office: Office) -> pd.DataFrame:
    """
    Read a UCDP GED or Candidate file as incident rows.

    Deaths are the publisher's, also where high < best. `date_precision` is the vaguer of `date_prec` (1
    day, 2 two to six days, 3 week, 4 month, 5 longer; UCDP GED codebook) and the span from first to last
    day, so that a span of more than seven days never counts as a week. `source_definition` is "UCDP
    Candidate" where the file's name says so or a code_status other than Clear occurs, else "UCDP GED".
    `reported_at` is the earliest day of `source_date`. `admin1_given` and `district_given` are adm_1 and
    adm_2, for matching places. Left out: dyad and conflict names, where_description, source_original,
    source_office, event_clarity, number_of_sources, priogrid_gid, gwno*, deaths_a/b/unknown (sum to best).
    Raises SourceError as open_grid does.
    """
    grid = open_grid(path, source, office, columns=_COLUMNS, layout="UCDP GED or Candidate CSV")
    violence = grid.column("type_of_violence")
    first, last = iso_dates(grid.column("date_start")), iso_dates(grid.column("date_end"))
    status = grid.column("code_status")
    candidate = bool(_CANDIDATE_NAME.search(path.name)) or not status.isin(("", "Clear")).all()
    return assemble(
        grid,
        {
            "record_id": grid.column("id"),
            "occurred_on": first,
            "occurred_to": last,
            "date_precision": _precision(grid.column("date_prec"), first=first, last=last),
            "reported_at": _earliest(grid.column("source_date")),
            "event_type": translate(violence, _EVENT_TYPE),
            "sub_type": translate(violence, _VIOLENCE),
            "threat_category": "armed_conflict",
            "actor1": grid.column("side_a"),
            "actor2": grid.column("side_b"),
            "civilian_targeting": (violence == "3").map({True: "true", False: "false"}).astype("str"),
            "killed_best": grid.column("best"),
            "killed_low": grid.column("low"),
            "killed_high": grid.column("high"),
            "civilians_killed": grid.column("deaths_civilians"),
            "place_name": grid.column("where_coordinates"),
            "latitude": grid.column("latitude"),
            "longitude": grid.column("longitude"),
            "place_precision": translate(grid.column("where_prec"), _PLACE),
            "admin1_given": grid.column("adm_1"),
            "district_given": grid.column("adm_2"),
            "headline": grid.column("source_headline"),
            "sources": grid.column("source_article"),
            "source_definition": "UCDP Candidate" if candidate else "UCDP GED",
            "verification": "reported",
            "status": status,
            "external_ids": named_ids(
                {
                    "ucdp_relid": grid.column("relid"),
                    "ucdp_conflict": grid.column("conflict_new_id"),
                    "ucdp_dyad": grid.column("dyad_new_id"),
                }
            ),
        },
    )


def _precision(codes: pd.Series[str], *, first: pd.Series[str], last: pd.Series[str]) -> pd.Series[str]:
    span = (_days(last) - _days(first)).dt.days.fillna(0)
    by_span = pd.cut(span, [-float("inf"), 0, 5, 6, 30, float("inf")], labels=False)
    by_code = codes.map({str(rank + 1): rank for rank in range(len(_PRECISIONS))}).astype("Int64")
    rank = by_code.where(by_code.isna() | (by_code >= by_span), by_span)
    return rank.map(dict(enumerate(_PRECISIONS))).astype("str").fillna(codes)


def _days(texts: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    return pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce")


def _earliest(texts: pd.Series[str]) -> pd.Series[str]:
    found = {
        text: min((part for part in text.split(";") if _is_day(part)), default="") for text in texts.unique()
    }
    return texts.map({text: day and f"{day}T00:00:00Z" for text, day in found.items()}).astype("str")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
