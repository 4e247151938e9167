"""The views of a batch: each is made and saved once, and shared by the editions that need it."""

from __future__ import annotations

import shutil
import weakref
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from workbench import view
from workbench.config import Office
from workbench.publish import checked
from workbench.publish.checked import Values
from workbench.publish.known_counts import known_counts
from workbench.publish.order import Order
from workbench.store import Store
from workbench.view import View

_VIEWS = 8
_VALUES = 2
"""So many are kept at hand: they are large, and editions of one view follow each other."""

_Key = tuple[object, ...]
_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True)
class SharedView:
    """
    A view, the folder it is saved in, and the digests of what is saved and of what it tells.

    `end`: the store's last delivery before it was made, whose labels it goes by. The folder goes when nobody
    holds this any more.
    """

    seen: View
    folder: Path
    digest: str
    content: str
    end: datetime | None


class Views:
    """
    The views of one office for one batch, saved below `folder`.

    A view is another one if anything that it is asked for is: area, week, audience, the cut-off of these
    readers, the issue it is compared with, the tables of counts that are known; or if the store has had
    another delivery, of whatever source: it may have closed a row.
    """

    def __init__(self, office: Office, store: Store, folder: Path) -> None:
        self._office, self._store, self._folder = office, store, folder
        self._views: OrderedDict[_Key, SharedView] = OrderedDict()
        self._values: OrderedDict[Path, tuple[datetime | None, Values]] = OrderedDict()
        self._memory = view.Kept(readers=len(office.audience))
        self._made = 0

    def of(self, order: Order, *, known: datetime | None, compared_with: datetime | None) -> SharedView:
        """Return the view of an order's readers, whose cut-off is `known`; as `view.make` raises."""
        tables = known_counts(
            self._office, self._office.audience_called(order.audience), area=order.area, as_of=known
        )
        end = checked.end(self._store)
        key = (order.area, order.week, order.audience, known or order.as_of, compared_with, tables, end)
        found = self._views.get(key)
        if found is None:
            seen = view.make(
                self._office,
                self._store,
                view.Request(
                    area=order.area, week=order.week, audience=order.audience, as_of=order.as_of,
                    compared_with=compared_with,
                    published=tuple(view.read_counts_csv(content) for content in tables),
                ),
                memory=self._memory,
            )  # fmt: skip
            self._made += 1
            folder = self._folder / f"view-{self._made}"
            found = SharedView(seen, folder, view.save(seen, folder), view.content_digest(seen), end)
            weakref.finalize(found, shutil.rmtree, folder, ignore_errors=True)
            self._views[key] = found
        _keep_last(self._views, key, _VIEWS)
        return found

    def today(self, shared: SharedView, order: Order) -> SharedView | None:
        """Return the view that the order's readers would be given now; None if that is `shared`."""
        present = checked.todays_request(self._office, self._store, shared.seen, made_at=shared.end)
        if present is None:
            return None
        known = view.cut_off(self._office, self._store, order.audience, present)
        return self.of(replace(order, as_of=present), known=known, compared_with=None)

    def values(self, shared: SharedView) -> Values:
        """
        Return what may and must not leave with a view, for the gate.

        It is read again once the store has had another delivery: what was written since is forbidden too.
        """
        now = checked.end(self._store)
        then, found = self._values.get(shared.folder, (None, None))
        if found is None or then != now:
            found = checked.values_of(self._office, self._store, shared.seen)
            self._values[shared.folder] = (now, found)
        _keep_last(self._values, shared.folder, _VALUES)
        return found


def _keep_last(kept: OrderedDict[_K, _V], key: _K, most: int) -> None:
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
