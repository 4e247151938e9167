"""Changes of a history that one audience may not notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from tests.view.histories import (
    LAST,
    SEALED,
    SOURCES,
    Delivery,
    History,
    Reader,
    Row,
    book,
    changed,
    fixed,
    fresh_id,
    label,
    new_row,
    rejected_row,
    value,
)
from workbench.records import record_type

Change = Callable[[Random, History, Reader], bool]


def acted_on(history: History) -> set[tuple[str, str]]:
    """
    Return the records, by source and id, that an act on record ever named.

    An act may lower a label, and holds for what was recorded before it, by the register as it stands at the
    end: what is written into such a record later closes it, whoever may read what was written.
    """
    return {
        (row["changed_source"], row["changed_id"])
        for one in history.deliveries
        if one.source == "acts"
        for row in one.rows.values()
    }


def hidden_records(history: History, who: Reader, slug: str) -> list[str]:
    """Return the ids of a source of which the audience reads no state; records `acted_on` are left alone."""
    lowered = acted_on(history)
    return [
        name
        for name in history.ids(slug)
        if (slug, name) not in lowered and not any(who.may(slug, row) for row in history.states(slug, name))
    ]


def relabelled(draw: Random, who: Reader, slug: str) -> Row:
    """Draw a label that the audience may not read."""
    for _ in range(200):
        drawn = label(draw)
        if not who.may(slug, drawn):
            return drawn
    return {"level": "strictly_confidential", "compartments": "odd"}


def edit_hidden(draw: Random, history: History, who: Reader) -> bool:
    """Change a hidden record in all that may be said of it."""
    slug = draw.choice(history.sources())
    names = hidden_records(history, who, slug)
    if not names:
        return False
    name = draw.choice(names)
    for one in history.deliveries:
        if one.source == slug and name in one.rows:
            one.rows[name] = changed(draw, slug, one.rows[name]) | relabelled(draw, who, slug)
    return True


def add_hidden(draw: Random, history: History, who: Reader) -> bool:
    """Let a source deliver a record more, from some delivery on, that is hidden."""
    slug = draw.choice(history.sources())
    known = {s: {name: {} for name in history.ids(s)} for s in history.sources()} | {SEALED: {}}
    name = fresh_id(draw)
    row = new_row(draw, slug, name, known) | relabelled(draw, who, slug)
    if slug == "acts":
        row |= {"changed_source": "open", "changed_id": fresh_id(draw), "changed_record": "incident"}
    if slug == "pairs":  # what is decided holds for all who read both rows: let one be of nobody
        row["left_id"] = fresh_id(draw)
    since = draw.choice([one.at for one in history.deliveries if one.source == slug])
    for one in history.deliveries:
        if one.source == slug and one.at >= since:
            one.rows[name] = dict(row)
    return True


def remove_hidden(draw: Random, history: History, who: Reader) -> bool:
    """Let a hidden record never have been."""
    slug = draw.choice([one for one in history.sources() if one not in {"pairs", "acts"}])
    named = {row.get("risk") for one in history.deliveries for row in one.rows.values()}
    names = [name for name in hidden_records(history, who, slug) if name not in named]
    if not names:
        return False
    name = draw.choice(names)
    for one in history.deliveries:
        if one.source == slug:
            one.rows.pop(name, None)
    return True


def close_between(draw: Random, history: History, who: Reader) -> bool:
    """Change, or take back, a closed state between two open ones of a record."""
    for one in draw.sample(history.deliveries, len(history.deliveries)):
        for name in sorted(one.rows):
            if who.may(one.source, one.rows[name]) or one.source in {"pairs", "acts"}:
                continue
            if name in hidden_records(history, who, one.source) or (one.source, name) in acted_on(history):
                continue
            states = [(other, other.rows.get(name)) for other in history.deliveries
                      if other.source == one.source]  # fmt: skip
            place = [other for other, _ in states].index(one)
            if place + 1 >= len(states) or not states[place + 1][1]:
                continue
            if draw.random() < 0.5 and place and states[place - 1][1]:
                one.rows[name] = dict(states[place - 1][1] or {})
            else:
                one.rows[name] = changed(draw, one.source, one.rows[name]) | relabelled(draw, who, one.source)
            return True
    return False


def edit_hidden_columns(draw: Random, history: History, who: Reader) -> bool:
    """Change columns of records that the audience reads, but not those columns."""
    slug = draw.choice([one for one in history.sources() if one not in {"pairs", "acts"}])
    record = record_type(SOURCES[slug][0])
    unread = [
        column
        for column in record.columns
        if column.name not in who.columns[record.name] and column.name not in fixed(slug)
    ]
    names = [name for name in history.ids(slug) if (slug, name) not in acted_on(history)]
    if not names or not unread:
        return False
    name = draw.choice(names)
    for one in history.deliveries:
        if one.source == slug and name in one.rows and draw.random() < 0.7:
            fresh = {column.name: value(draw, column) for column in draw.sample(unread, min(4, len(unread)))}
            one.rows[name] = one.rows[name] | fresh
    return True


def deliver_hidden(draw: Random, history: History, who: Reader) -> bool:
    """Let a source that the audience may not name deliver once more, at any time, the latest included."""
    slugs = [slug for slug in history.sources() if not who.may_name(slug)]
    if not slugs:
        return False
    slug = draw.choice(slugs)
    earlier = [one for one in history.deliveries if one.source == slug]
    like = draw.choice(earlier)
    at = draw.choice([like.at, like.at + timedelta(seconds=draw.randint(0, 9)), LAST + timedelta(days=2)])
    before = [one for one in earlier if one.at <= at]
    rows = {name: dict(row) for name, row in before[-1].rows.items()} if before else {}
    history.deliveries.append(Delivery(slug, at, rows, {}, book(draw, len(rows))))
    history.deliveries.sort(key=lambda one: one.at)
    return True


def drop_hidden_source(draw: Random, history: History, who: Reader) -> bool:
    """Let a source that the audience may not name never have delivered."""
    measured = any(one.source == "measures" for one in history.deliveries)
    kept = {"pairs", "acts", *(("risks", "risks_held") if measured else ())}
    slugs = [slug for slug in history.sources() if not who.may_name(slug) and slug not in kept]
    if not slugs:
        return False
    slug = draw.choice(slugs)
    history.deliveries = [one for one in history.deliveries if one.source != slug]
    return True


def reject_hidden(draw: Random, history: History, who: Reader) -> bool:
    """Change what was set aside of rows, or of sources, that the audience may not read."""
    one = draw.choice(history.deliveries)
    for name, row in list(one.rejected.items()):
        if not who.may(one.source, row) and draw.random() < 0.5:
            del one.rejected[name]
    row = rejected_row(draw, one.source) | relabelled(draw, who, one.source)
    one.rejected[row["record_id"]] = row
    return True


def keep_other_books(draw: Random, history: History, who: Reader) -> bool:
    """Count other rows in a delivery: counts include what the audience may not read."""
    one = draw.choice(history.deliveries)
    fresh = book(draw, len(one.rows))
    if who.audience.slug == "leadership":
        fresh |= {name: one.book[name] for name in ("read", "unmatched")}
    one.book = fresh
    return True


def edit_sealed(draw: Random, history: History, who: Reader) -> bool:
    """Change, add or drop names behind keys, or let the sealed table be delivered again."""
    del who
    if draw.random() < 0.3:
        history.deliveries = [one for one in history.deliveries if one.source != SEALED]
        return True
    for one in history.deliveries:
        if one.source == SEALED:
            one.rows = {
                name: changed(draw, SEALED, row) for name, row in one.rows.items() if draw.random() < 0.8
            }
            name = fresh_id(draw)
            one.rows[name] = new_row(draw, SEALED, name, {SEALED: {}})
    history.deliveries.append(Delivery(SEALED, LAST + timedelta(days=1), {}, {}, book(draw, 0)))
    return True


CHANGES: tuple[Change, ...] = (
    edit_hidden, add_hidden, remove_hidden, close_between, edit_hidden_columns, deliver_hidden,
    drop_hidden_source, reject_hidden, keep_other_books, edit_sealed,
)  # fmt: skip
SEALED_CHANGES: tuple[Change, ...] = (keep_other_books, edit_sealed)
"""What is hidden from those who read everything."""
