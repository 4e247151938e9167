"""An edition made to be looked at: as a run makes it, on that audience's view, and published nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from workbench.config import Office
from workbench.desk._left_out import Compared, left_out
from workbench.desk._opened import Choice
from workbench.errors import ExportError
from workbench.store import Store
from workbench.view import instant, present


@dataclass(frozen=True)
class Previewed:
    """One edition as its readers would get it, and what it leaves out of what the desk reads."""

    html: str = field(repr=False)
    compared: Compared


_Key = tuple[str, str]
_kept: dict[_Key, Previewed] = {}
_MOST = 12
"""So many editions are kept by a kernel, each under what it was made from."""


def previewed(
    office: Office,
    store: Store,
    briefing: str,
    choice: Choice,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> Previewed:
    """
    Make the edition of a briefing for the readers of a choice without gaps, and publish it nowhere.

    It goes the way of every edition: its notebook is executed, confined, on the saved view of these readers,
    which is all that it is given. Seconds, the first time; while view, notebook and all else that decide an
    edition stay the same, it is kept. Raises what a run raises: DisclosureRefused if these readers do not
    get the briefing, BriefingFailed with cell and exception, ParameterError, UserError.
    """
    from workbench.publish import Order, Prepared, Stopped, Views, carry_out, prepare

    as_of = instant(choice.as_of) if choice.as_of else present(office, store)
    order = Order(briefing, choice.area, choice.week, choice.audience, choice.language, as_of)
    with TemporaryDirectory(prefix="wb-preview-", ignore_cleanup_errors=True) as temporary:
        prepared = prepare(
            office, store, order, views=Views(office, store, Path(temporary)), progress=progress, force=True
        )
        if not isinstance(prepared, Prepared):
            raise ExportError("This edition stands and was not made again. Look at it in the outputs folder.")
        key = (prepared.inputs, str(office.root))
        if key not in _kept:
            made = carry_out(prepared.job, progress=progress)
            if isinstance(made, Stopped):
                raise made.error()
            progress("comparing with what the desk reads")
            html = made.files["briefing.html"].decode("utf-8")
            _kept[key] = Previewed(html, left_out(office, store, prepared.shared.seen))
            while len(_kept) > _MOST:
                del _kept[next(iter(_kept))]
        return _kept[key]
