"""
Publication: the main path from an order to an edition, in the order it happens.

Its three parts can be done apart. `prepare` (the office, the store) finds what stands or makes a job;
`carry_out` (any process or machine) turns the job into files; `finish` (the office again) lets the gate
read them and publishes. `workbench.runner` does so for many orders at once.
"""

from __future__ import annotations

from collections.abc import Callable

from workbench import briefing
from workbench.config import Office
from workbench.publish.carrying import Job, Made, Stopped, carry_out
from workbench.publish.drafts import Draft
from workbench.publish.finishing import finish
from workbench.publish.order import Order, Published
from workbench.publish.preparing import Prepared, prepare
from workbench.publish.recall import recall
from workbench.publish.release import Released, release
from workbench.publish.views import Views
from workbench.store import Store

__all__ = [
    "Draft",
    "Job",
    "Made",
    "Order",
    "Prepared",
    "Published",
    "Released",
    "Stopped",
    "Views",
    "carry_out",
    "finish",
    "prepare",
    "publish",
    "recall",
    "release",
]


def publish(
    office: Office,
    store: Store,
    order: Order,
    *,
    progress: Callable[[str], None],
    approved_only: bool = False,
    force: bool = False,
) -> Published:
    """
    Make one edition of one briefing: the main path. It ends as a draft, or with its readers.

    With its readers it is where the audience's `release` is automatic and nothing of this issue was ever
    recalled; otherwise people release the draft (`release`). The same inputs (view, notebook,
    templates, policy, parameters) are the same version: if its files are intact it stands, and nothing is
    run; with `force`, or where a file was damaged or a library is another, it is made again and must come
    out byte for byte as it was. Other inputs are a new version that says what it corrects, unless nothing
    is new but the time of the last pull: then the last version stands.
    Raises DisclosureRefused if the audience does not get this briefing or the gate finds anything,
    BriefingFailed, ExportError, ParameterError, UnknownName. On an error nothing is published; after
    BriefingFailed the executed notebook and its view stay for the analysts, in the office's private folder.
    `approved_only`: DisclosureRefused for a notebook whose bytes nobody has approved.
    """
    with briefing.run_folder() as folder:
        views = Views(office, store, folder)
        prepared = prepare(
            office, store, order, views=views, progress=progress, approved_only=approved_only, force=force
        )
        if isinstance(prepared, Published):
            return prepared
        made = carry_out(prepared.job, progress=progress)
        return finish(office, prepared, made, views=views, folder=folder, progress=progress)
