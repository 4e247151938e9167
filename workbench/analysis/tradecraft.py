"""The quality checklist: nine tradecraft standards, as far as a machine can honestly check them.

The standards are those of Intelligence Community Directive 203, section D.6.e. The checks are the
office's own, and modest: they see whether something is there, not whether it is good.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from workbench.analysis._columns import read
from workbench.analysis.shares import LEVEL, wilson
from workbench.errors import ParameterError

STANDARDS: tuple[str, ...] = (
    "sources", "uncertainty", "separation", "alternatives", "relevance", "logic", "change", "accuracy",
    "visuals",
)  # fmt: skip
"""In the order of the directive."""

RESULTS: tuple[str, ...] = ("met", "partly", "not_met", "not_checked")

BOTTOM_LINE_WORDS = 60
"""Most words of a bottom line (`domain.md` 2.2)."""

OUTLOOK_LEVEL = 0.8
"""Part of the outlook's ranges that should hold what came, unless another is passed."""

_Told = dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """
    What the statements are held against; None or empty means it cannot be checked.

    `likelihoods`: the words of the office's scale. `sources`: of the view (`licence`, `attribution`,
    `delivered_at`). `incidents` and `liaison`: the week's rows, for their grades. `known_ids`: every
    record id that a basis may name, the ones withheld from this reader included. `scorecard`: how many
    outcomes fell inside last outlook's ranges, and of how many; `scorecard_level`: how many should.
    `figures`: the alternative text of each figure on the page.
    """

    likelihoods: Sequence[str]
    sources: pd.DataFrame | None = None
    incidents: pd.DataFrame | None = None
    liaison: pd.DataFrame | None = None
    known_ids: Collection[str] | None = None
    scorecard: tuple[int, int] | None = None
    scorecard_level: float = OUTLOOK_LEVEL
    figures: Sequence[str] | None = None


def checklist(statements: pd.DataFrame, last: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """
    Check a week's assessment against the nine tradecraft standards.

    `statements` and `last` are the assessment rows of this week and of the last issue: `part`,
    `position`, `text`, `likelihood`, `confidence`, `because`, `change`, `basis`, `scenario`,
    `indicator_state`, `owner`, `due_on`. Returns one row a standard, in the order of STANDARDS:
    `standard`, `result` (RESULTS) and `told`, what was counted, such as "judgements=4;without_basis=1".

    * sources: every source has licence, attribution and a delivery; at least half of the rows that can
      carry a grade have one. Partly if only some of that is so.
    * uncertainty: every judgement has a likelihood of the scale, a confidence and a reason for it.
    * separation: assumptions are stated, and no likelihood word stands in a situation or focus text.
      Whole words only, and only the scale's own: "remote" is found where it means far away.
    * alternatives: an alternative is stated, or both a most dangerous and a best case are.
    * relevance: a bottom line of at most 60 words each, and recommendations with owner and due date.
    * logic: every judgement names a basis, and each id it names exists (only if `known_ids` are given).
    * change: a judgement (by position) or outlook (by scenario and horizon) whose likelihood or
      confidence differs from the last issue's says why. Statements are matched by their place only.
    * accuracy: the last outlook's ranges held about as often as they should (the level lies within the
      95 % Wilson interval or below it), and every indicator has a state.
    * visuals: every figure says its finding in words; what it looks like nobody checks here.

    Partly is some but not all; a standard with nothing to check, or without the evidence or the column,
    is not_checked. Raises ParameterError if the scorecard is no part of a whole.
    """
    if evidence.scorecard and not 0 <= evidence.scorecard[0] <= evidence.scorecard[1]:
        raise ParameterError("The scorecard counts more inside than there were. Pass (inside, of).")
    checked = {
        "sources": _sources(evidence),
        "uncertainty": _uncertainty(statements, evidence),
        "separation": _separation(statements, evidence),
        "alternatives": _alternatives(statements),
        "relevance": _relevance(statements),
        "logic": _logic(statements, evidence),
        "change": _change(statements, last),
        "accuracy": _accuracy(statements, evidence),
        "visuals": _visuals(evidence),
    }
    return pd.DataFrame(
        {
            "standard": list(checked),
            "result": [result for result, _ in checked.values()],
            "told": [";".join(f"{name}={n}" for name, n in told.items()) for _, told in checked.values()],
        },
        dtype="str",
    )


def result_counts(checklist: pd.DataFrame) -> dict[str, int]:
    """Return how many standards have which result: every one of RESULTS, zeros explicit."""
    found = checklist["result"].value_counts()
    return {code: int(found.get(code, 0)) for code in RESULTS}


def _sources(evidence: Evidence) -> tuple[str, _Told]:
    if evidence.sources is None or evidence.sources.empty:
        return "not_checked", {"sources": 0}
    rows = evidence.sources
    complete = _filled(rows, "licence") & _filled(rows, "attribution") & _filled(rows, "delivered_at")
    told = {"sources": len(rows), "not_described": int((~complete).sum())}
    gradable = graded = 0
    for frame, column in ((evidence.incidents, "source_grade"), (evidence.liaison, "info_grade")):
        if frame is not None and column in frame.columns:
            gradable += len(frame)
            graded += int(_filled(frame, column).sum())
    told |= {"gradable": gradable, "graded": graded}
    good, enough = bool(complete.all()), 2 * graded >= gradable
    return _all((good, enough)), told


def _uncertainty(statements: pd.DataFrame, evidence: Evidence) -> tuple[str, _Told]:
    rows = _part(statements, "judgement")
    scale = {word.casefold() for word in evidence.likelihoods}
    likely = read(rows, "likelihood", "str").str.strip().str.casefold().isin(scale)
    sure, because = _filled(rows, "confidence"), _filled(rows, "because")
    told = {
        "judgements": len(rows),
        "without_likelihood": int((~likely).sum()),
        "without_confidence": int((~sure).sum()),
        "without_because": int((~because).sum()),
    }
    return _all(likely & sure & because), told


def _separation(statements: pd.DataFrame, evidence: Evidence) -> tuple[str, _Told]:
    assumptions = int(_filled(_part(statements, "assumption"), "text").sum())
    facts = read(_part(statements, "situation", "focus"), "text", "str").fillna("")
    words = "|".join(re.escape(word) for word in sorted(evidence.likelihoods, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    mixed = sum(bool(words and pattern.search(text)) for text in facts)
    told = {
        "assumptions": assumptions, "situation_texts": len(facts), "situation_with_likelihood": mixed,
    }  # fmt: skip
    if not len(facts) and not len(_part(statements, "judgement")):
        return "not_checked", told
    return _all((assumptions > 0, mixed == 0)), told


def _alternatives(statements: pd.DataFrame) -> tuple[str, _Told]:
    stated = int(_filled(_part(statements, "alternative"), "text").sum())
    scenarios = read(_part(statements, "outlook"), "scenario", "str")
    worst, best = int(scenarios.eq("most_dangerous").sum()), int(scenarios.eq("best_case").sum())
    told = {"alternatives": stated, "most_dangerous": worst, "best_case": best}
    if not len(_part(statements, "judgement", "outlook", "alternative")):
        return "not_checked", told
    return ("met" if stated else _all((worst > 0, best > 0))), told


def _relevance(statements: pd.DataFrame) -> tuple[str, _Told]:
    lines = read(_part(statements, "bottom_line"), "text", "str").dropna()
    long = sum(len(text.split()) > BOTTOM_LINE_WORDS for text in lines)
    asked = _part(statements, "recommendation")
    incomplete = int((~(_filled(asked, "owner") & _filled(asked, "due_on"))).sum())
    told = {
        "bottom_lines": len(lines),
        f"over_{BOTTOM_LINE_WORDS}_words": long,
        "recommendations": len(asked),
        "without_owner_or_day": incomplete,
    }
    return _all((len(lines) > 0 and not long, len(asked) > 0 and not incomplete)), told


def _logic(statements: pd.DataFrame, evidence: Evidence) -> tuple[str, _Told]:
    rows = _part(statements, "judgement")
    if "basis" not in statements.columns:
        return "not_checked", {"judgements": len(rows)}
    ids = [_split(one) for one in read(rows, "basis", "str").fillna("")]
    based = [bool(one) for one in ids]
    told = {"judgements": len(rows), "without_basis": based.count(False)}
    if evidence.known_ids is None:
        return ("not_checked" if all(based) else _all(based)), told
    known = set(evidence.known_ids)
    sound = [bool(one) and one <= known for one in ids]
    told["unknown_basis"] = based.count(True) - sound.count(True)
    return _all(sound), told


def _split(codes: str) -> set[str]:
    return {one.strip() for one in codes.split(";") if one.strip()}


def _change(statements: pd.DataFrame, last: pd.DataFrame) -> tuple[str, _Told]:
    now, before = _comparable(statements), _comparable(last)
    pairs = now.merge(before, on="place", suffixes=("", "_before"))
    differs = pairs["likelihood"].ne(pairs["likelihood_before"])
    differs |= pairs["confidence"].ne(pairs["confidence_before"])
    silent = differs & pairs["change"].eq("")
    told = {
        "compared": len(pairs), "changed": int(differs.sum()), "unexplained": int(silent.sum()),
    }  # fmt: skip
    if "change" not in statements.columns and differs.any():
        return "not_checked", told
    if not len(pairs):
        return "not_checked", told
    return ("met" if not silent.any() else _all(~silent[differs])), told


def _comparable(statements: pd.DataFrame) -> pd.DataFrame:
    rows = _part(statements, "judgement", "outlook")
    judged = read(rows, "part", "str").eq("judgement")
    horizon = read(rows, "horizon_days", "Int64").astype("str").fillna("")
    scenario = read(rows, "scenario", "str").fillna("") + "/" + horizon
    position = read(rows, "position", "Int64").astype("str").fillna("")
    text = {
        name: read(rows, name, "str").fillna("").str.strip().str.casefold()
        for name in ("likelihood", "confidence", "change")
    }
    placed = pd.DataFrame({"place": ("judgement/" + position).where(judged, "outlook/" + scenario), **text})
    return placed.drop_duplicates("place", keep="first")


def _accuracy(statements: pd.DataFrame, evidence: Evidence) -> tuple[str, _Told]:
    states = _filled(_part(statements, "indicator"), "indicator_state")
    inside, n = evidence.scorecard or (0, 0)
    told = {
        "inside": inside, "of": n, "indicators": len(states), "without_state": int((~states).sum()),
    }  # fmt: skip
    if not n:
        return "not_checked", told
    held = bool(wilson([inside], [n], level=LEVEL)["high"].iloc[0] >= evidence.scorecard_level)
    return _all((held, len(states) > 0 and bool(states.all()))), told


def _visuals(evidence: Evidence) -> tuple[str, _Told]:
    if not evidence.figures:
        return "not_checked", {"figures": 0}
    told = pd.Series(list(evidence.figures), dtype="str").fillna("").str.strip().ne("")
    return _all(told), {"figures": len(told), "without_words": int((~told).sum())}


def _part(statements: pd.DataFrame, *parts: str) -> pd.DataFrame:
    return statements[read(statements, "part", "str").isin(parts)]


def _filled(rows: pd.DataFrame, name: str) -> pd.Series:
    if name not in rows.columns:
        return pd.Series(data=False, index=rows.index, dtype=bool)
    return rows[name].notna() & rows[name].astype("str").str.strip().ne("").fillna(value=False).astype(bool)


def _all(good: Iterable[bool]) -> str:
    """Return met if all hold, partly if some do, not_met if none does; not_checked without any."""
    found = [bool(one) for one in good]
    if not found:
        return "not_checked"
    return "met" if all(found) else "partly" if any(found) else "not_met"
