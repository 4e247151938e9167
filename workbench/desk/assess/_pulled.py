"""What a pull of the assessment made of it, in words."""

from __future__ import annotations

from datetime import datetime

from workbench.desk.assess._week import Assessment
from workbench.errors import StoreError, UserError
from workbench.pull import pull_all
from workbench.store import Store


def pulled(opened: Assessment, store: Store, *, at: datetime) -> str:
    """
    Pull the source of an assessment and return what came of it, one sentence a line; values are not told.

    Raises UserError if it could not be pulled: the file is saved all the same.
    """
    slug = opened.source.slug
    try:
        reports, failures = pull_all(opened.office, store, [slug], at=at)
    except StoreError as problem:
        raise UserError(
            f"The file is saved, but the store cannot take it now. Pull later: workbench pull {slug}\n"
            f"{problem}"
        ) from problem
    if failures:
        raise failures[0]
    report = reports[0]
    counts = [
        (report.new, "new"),
        (report.changed, "changed"),
        (report.withdrawn, "taken out"),
        (report.unchanged, "as before"),
    ]
    told = [
        f"Pulled: of all assessments {report.read} statements were read; "
        + (", ".join(f"{n} {what}" for n, what in counts if n) or "none is new")
        + "."
    ]
    if report.rejected:
        told.append(
            f"{report.rejected} {_were(report.rejected)} set aside and will not be in the briefing: what the "
            "store knew of them before stands. Those of this file are marked in the list, with the reason."
        )
    if report.unmatched:
        told.append(
            f"{report.unmatched} {_were(report.unmatched)} about a district that the office does not know: "
            "correct its heading."
        )
    if report.unlabelled:
        told.append(
            f"{report.unlabelled} {_were(report.unlabelled)} held at the highest level, because the label is "
            "missing or unknown."
        )
    if report.labels_kept:
        told.append(
            f"{report.labels_kept} came with a lower label than the store holds and keep the stricter one; "
            "to lower it takes an act in the register of label changes."
        )
    return "\n".join(told)


def _were(n: int) -> str:
    return "was" if n == 1 else "were"
