"""Support and allegations joined by unit: by the register's own link or the same name, never a like one."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.analysis._columns import DAY, read, true
from workbench.analysis.human_rights._supports import SUPPORT_STATES, WATCHED, in_order

_Places = np.ndarray[Any, Any]

LINKS: tuple[str, ...] = ("none", "followed", "name_differs", "unknown")
"""What an allegation's own link to a support says: there is none, it was followed, it was followed although
the unit named is another one, or no such support is known (or several of other units are, by two sources)."""


@dataclass(frozen=True)
class Joined:
    """
    Supports and allegations, and which belong together.

    `supports` adds to its frame (Int64) `alleged_since`, `grave_since`, `credible_since` (of support whose
    first day is missing, all of them), `alleged_before`, `latest_since` (day), and of those since the
    start that the office learnt of on the day of the last review or later `credible_unreviewed`,
    `grave_unreviewed` (credible ones), `unjudged_unreviewed`. Most credible unreviewed ones first, then
    as given.
    `allegations` adds `unit_key` (of the unit that is meant, "" if none), `link` (of LINKS), `supports`
    (Int64: how many it belongs to), `watched` (boolean: one of them in WATCHED) and `unmatched`: "" if it
    belongs to any, else no_unit or no_support.
    `pairs`: `support`, `allegation` (record ids), `support_source`, `allegation_source` ("" where the reader
    has none: an id is that of its source, and two sources may give the same), `matched_by` (link, name),
    `since` (since_start, before_start, start_unknown), `unreviewed` (boolean).
    """

    supports: pd.DataFrame
    allegations: pd.DataFrame
    pairs: pd.DataFrame


def unit_key(name: object) -> str:
    """
    Return the name of a unit without case, accents, blanks around it and more than one blank in it.

    "" where it is missing. Nothing else is touched: two names that are merely alike are two units.
    """
    if not isinstance(name, str):
        return ""
    letters = unicodedata.normalize("NFKD", name)
    kept = "".join(one for one in letters if unicodedata.category(one) not in {"Mn", "Cf"})
    return " ".join(unicodedata.normalize("NFKC", kept).casefold().split())


def joined_by_unit(supports: pd.DataFrame, allegations: pd.DataFrame) -> Joined:
    """
    Join supports and allegations by unit.

    Takes frames of `supports` and `allegations`. Where an allegation's `support` names a support that is
    known, it is the recipient of that support who is meant, whatever `perpetrator_unit` says; otherwise the
    unit of the same name (`unit_key`). Where two sources give supports of different units the same id, the
    link means the one whose unit is named, and else none. An allegation belongs to every support of the
    unit that is meant.
    """
    ids = read(supports, "record_id", "str")
    units = read(supports, "recipient_unit", "str").map(unit_key, na_action=None).astype("str")
    named = read(allegations, "perpetrator_unit", "str").map(unit_key, na_action=None).astype("str")
    link = read(allegations, "support", "str")
    linked = _linked(link, named, ids=ids, units=units)
    meant = linked.where(linked.notna(), named)
    left = pd.DataFrame(
        {"at": np.arange(len(allegations)), "unit": meant.to_numpy(), "link": link.to_numpy()}
    )
    right = pd.DataFrame({"of": np.arange(len(supports)), "unit": units.to_numpy(), "id": ids.to_numpy()})
    both = left[left["unit"].fillna("").ne("")].merge(right, on="unit", how="inner")
    both = both.sort_values(["of", "at"], ignore_index=True)
    at, of = both["at"].to_numpy(dtype="int64"), both["of"].to_numpy(dtype="int64")

    happened = read(allegations, "occurred_on", DAY).iloc[at].reset_index(drop=True)
    learnt = read(allegations, "known_on", DAY).iloc[at].reset_index(drop=True)
    learnt = learnt.where(learnt.ge(happened), happened)
    start = read(supports, "started_on", DAY).iloc[of].reset_index(drop=True)
    review = read(supports, "reviewed_on", DAY).iloc[of].reset_index(drop=True)
    since = np.select(
        [start.isna().to_numpy(), happened.lt(start).to_numpy()],
        ["start_unknown", "before_start"],
        default="since_start",
    )
    pairs = pd.DataFrame(
        {
            "support": ids.iloc[of].array,
            "allegation": read(allegations, "record_id", "str").iloc[at].array,
            "support_source": _source(supports).iloc[of].array,
            "allegation_source": _source(allegations).iloc[at].array,
            "matched_by": np.where(both["link"].eq(both["id"]).to_numpy(dtype=bool), "link", "name"),
            "since": pd.array(since, dtype="str"),
            # on the day itself nobody can tell which came first
            "unreviewed": ~learnt.lt(review).to_numpy(),
        }
    ).astype({"matched_by": "str", "unreviewed": "boolean"})
    return Joined(
        supports=_counted(supports, allegations, pairs, at=at, of=of),
        allegations=_placed(allegations, supports, named, linked, at=at, of=of),
        pairs=pairs,
    )


def alleged_by_unit(joined: Joined) -> pd.DataFrame:
    """
    Return what is alleged by unit: recipients of support first, then units without any, then no unit at all.

    Each allegation counts once for its unit, however many supports the unit has. Returns `unit` (as first
    written; missing for the allegations that name none), `supports` (support on record, <NA> without a
    unit), `given` (of it, in WATCHED), `since` (since the first of them began; all, where the unit has none
    or a first day is missing), of which `grave`, `credible`, `weak`, `not_judged`; `before` (earlier), and
    `latest` (day, of all). Int64. Recipients without allegations are in. Most grave ones first.
    """
    supports, alleged = joined.supports, joined.allegations
    pairs = joined.pairs
    later = pairs["since"].ne("before_start").groupby([pairs["allegation_source"], pairs["allegation"]]).any()
    earlier = set(later.index[~later.astype(bool)])
    ids = zip(_source(alleged), read(alleged, "record_id", "str"), strict=True)
    rows = pd.DataFrame(
        {
            "key": read(alleged, "unit_key", "str"),
            "unit": read(alleged, "perpetrator_unit", "str"),
            "day": read(alleged, "occurred_on", DAY),
            "since": pd.array([one not in earlier for one in ids], dtype="bool"),
            "grave": true(alleged, "grave"),
            "credible": read(alleged, "credible", "str"),
        }
    )
    given = pd.DataFrame(
        {
            "key": read(supports, "recipient_unit", "str").map(unit_key, na_action=None).astype("str"),
            "unit": read(supports, "recipient_unit", "str"),
            "given": read(supports, "state", "str").isin(WATCHED),
        }
    )
    keys = list(dict.fromkeys([*given["key"], *rows["key"]]))
    found = pd.DataFrame({"key": pd.Series(keys, dtype="str")})
    names_ = pd.concat([given[["key", "unit"]], rows[["key", "unit"]]]).drop_duplicates("key")
    since = rows[rows["since"]]
    counts = {
        "supports": given.groupby("key").size(),
        "given": given.groupby("key")["given"].sum(),
        "since": since.groupby("key").size(),
        "grave": since.groupby("key")["grave"].sum(),
        **{
            code: since[since["credible"].eq(code)].groupby("key").size()
            for code in ("credible", "weak", "not_judged")
        },
        "before": rows[~rows["since"]].groupby("key").size(),
    }
    for name, count in counts.items():
        found[name] = found["key"].map(count).fillna(0).astype("Int64")
    nobody = found["key"].eq("")
    found = found.assign(
        unit=found["key"].map(names_.set_index("key")["unit"]).astype("str").mask(nobody),
        supports=found["supports"].mask(nobody),
        latest=rows.groupby("key")["day"].max().reindex(found["key"]).astype(DAY).array,
    )
    order = np.select([nobody.to_numpy(), found["supports"].eq(0).fillna(value=False).to_numpy()], [2, 1], 0)
    sorting = {"order": order, "grave": -found["grave"], "since": -found["since"], "unit": found["unit"]}
    columns = ["unit", *counts, "latest"]
    return in_order(found, pd.DataFrame(sorting))[columns].reset_index(drop=True)


def _source(rows: pd.DataFrame) -> pd.Series:
    return read(rows, "source", "str").fillna("")


def _linked(link: pd.Series, named: pd.Series, *, ids: pd.Series, units: pd.Series) -> pd.Series:
    """Return the unit of the support that each link means, missing where it means none that is known."""
    known = pd.DataFrame({"id": ids.array, "unit": units.array}).dropna(subset="id").drop_duplicates()
    several = known["id"].duplicated(keep=False)
    by_id = dict(zip(known.loc[~several, "id"], known.loc[~several, "unit"], strict=True))
    told = set(zip(known.loc[several, "id"], known.loc[several, "unit"], strict=True))
    found = link.map(by_id).astype("str")
    same = [pair in told for pair in zip(link, named, strict=True)]
    return found.mask(pd.Series(same, index=link.index, dtype="bool"), named)


def _counted(
    supports: pd.DataFrame, allegations: pd.DataFrame, pairs: pd.DataFrame, *, at: _Places, of: _Places
) -> pd.DataFrame:
    since = pairs["since"].ne("before_start").to_numpy(dtype=bool)
    open_ = since & pairs["unreviewed"].to_numpy(dtype=bool)
    grave = true(allegations, "grave").iloc[at].to_numpy(dtype=bool)
    grade = read(allegations, "credible", "str").iloc[at]
    credible, unjudged = (grade.eq(one).to_numpy(dtype=bool) for one in ("credible", "not_judged"))
    flags = {
        "alleged_since": since,
        "grave_since": since & grave,
        "credible_since": since & credible,
        "alleged_before": ~since,
        "credible_unreviewed": open_ & credible,
        "grave_unreviewed": open_ & credible & grave,
        "unjudged_unreviewed": open_ & unjudged,
    }
    size = len(supports)
    counts = {
        name: pd.array(np.bincount(of[flag], minlength=size), dtype="Int64") for name, flag in flags.items()
    }
    happened = read(allegations, "occurred_on", DAY).iloc[at].reset_index(drop=True)
    latest = happened[since].groupby(of[since]).max().reindex(range(size)).astype(DAY)
    found = supports.assign(**counts, latest_since=latest.array)
    ongoing = found["state"].isin(WATCHED)
    keys = pd.DataFrame(
        {
            "unreviewed": -found["credible_unreviewed"].where(ongoing, 0),
            "grave": -found["grave_since"].where(ongoing, 0),
            "state": found["state"].map({code: n for n, code in enumerate(SUPPORT_STATES)}),
        }
    )
    return in_order(found, keys)


def _placed(
    allegations: pd.DataFrame,
    supports: pd.DataFrame,
    named: pd.Series,
    linked: pd.Series,
    *,
    at: _Places,
    of: _Places,
) -> pd.DataFrame:
    size = len(allegations)
    belongs = np.bincount(at, minlength=size)
    watched = read(supports, "state", "str").isin(WATCHED).to_numpy(dtype=bool)
    given = read(allegations, "support", "str").notna()
    other = linked.notna() & named.ne("") & named.ne(linked)
    link = np.select(
        [~given.to_numpy(), linked.isna().to_numpy(), other.to_numpy()],
        ["none", "unknown", "name_differs"],
        default="followed",
    )
    meant = linked.where(linked.notna(), named)
    unmatched = np.select([belongs > 0, meant.ne("").to_numpy()], ["", "no_support"], default="no_unit")
    return allegations.assign(
        unit_key=meant.astype("str"),
        link=pd.array(link, dtype="str"),
        supports=pd.array(belongs, dtype="Int64"),
        watched=pd.array(np.bincount(at[watched[of]], minlength=size) > 0, dtype="boolean"),
        unmatched=pd.array(unmatched, dtype="str"),
    )
