"""Publication: the main path from a view to a published pack, in the order it happens."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from workbench import briefing, document, gate, view
from workbench.audience import column_rule
from workbench.config import Audience, Office, shipped
from workbench.errors import BriefingFailed, DisclosureRefused, ExportError, WorkbenchError
from workbench.language import CATALOGUES, words
from workbench.publish import index, pack
from workbench.publish.manifest import Manifest, SourceLine
from workbench.records import record_names, record_type
from workbench.store import Store

__all__ = ["Order", "Published", "publish"]

_VERSIONS = (
    "briefing-workbench",
    "pandas",
    "pyarrow",
    "altair",
    "vl-convert-python",
    "typst",
    "scipy",
    "shapely",
    "papermill",
)
_KEEP_RUNS_SECONDS = 14 * 24 * 3600
"""How long the run folder of a failed or killed run stays for the analysts; it holds the view."""

_FILES = {"html": "briefing.html", "pdf": "briefing.pdf"}


@dataclass(frozen=True)
class Order:
    """What to publish: one briefing for an area, a week, an audience and a language, as known at `as_of`."""

    briefing: str
    area: str
    week: str
    audience: str
    language: str
    as_of: datetime


@dataclass(frozen=True)
class Published:
    """
    A published pack: its folder and manifest.

    `reproduced`: it existed and came out the same again. `unchanged`: it existed, and all that came
    since is that its sources were pulled again and said the same; nothing was made.
    """

    folder: Path
    manifest: Manifest
    reproduced: bool
    unchanged: bool = False


def publish(office: Office, store: Store, order: Order, *, progress: Callable[[str], None]) -> Published:
    """
    Make one edition of one briefing and publish it: the main path.

    The same inputs (view, notebook, templates, policy, parameters) are the same version: the pack is
    made again and must come out byte for byte as it was. Other inputs for a week that has been
    published are a new version that says what it corrects, unless nothing is new but the time of the
    last pull: then the last version stands.
    Raises DisclosureRefused if the audience does not get this briefing or the gate finds anything,
    BriefingFailed, ExportError, ParameterError, UnknownName. On an error nothing is published; after
    BriefingFailed the run folder, with the executed notebook, stays for the analysts.
    """
    product, audience = office.briefing_called(order.briefing), office.audience_called(order.audience)
    _allowed(order, audience)
    spoken = words(order.language)
    notebook = briefing.notebook_of(office, product)
    briefing.parameters_of(notebook)
    outputs = office.path(office.outputs)
    issues = _issues(office, order)

    progress("reading the store")
    seen = view.make(
        office,
        store,
        view.Request(
            area=order.area,
            week=order.week,
            audience=order.audience,
            as_of=order.as_of,
            compared_with=_compared_with(office, store, order, issues),
        ),
    )
    with _run_folder(outputs, order) as folder:
        view_digest = view.save(seen, folder / "view")
        parameters = {
            "area": order.area,
            "week": seen.week.slug,
            "audience": order.audience,
            "as_of": seen.as_of.isoformat(),
            "language": order.language,
        }
        digests = {
            "view": view_digest,
            "notebook": _digest(notebook.read_bytes()),
            "templates": _templates_digest(office),
            "policy": _policy_digest(audience),
            "catalogue": _digest((CATALOGUES / f"{order.language}.po").read_bytes()),
        }
        inputs = _digest(
            _canonical({**digests, "parameters": parameters, "workbench": version("briefing-workbench")})
        )
        digests["content"] = _digest(
            _canonical(
                {**digests, "view": view.content_digest(seen), "workbench": version("briefing-workbench")}
            )
        )
        standing = _standing(issues, digests["content"], as_of=seen.as_of)
        if standing is not None:
            folder_of = pack.folder_of(outputs, standing, first_language=office.languages[0])
            return Published(folder_of, standing, reproduced=False, unchanged=True)
        number, corrects, earlier = _version_for(inputs, issues, as_of=seen.as_of)

        progress("running the notebook")
        executed = briefing.run(notebook, parameters, view=folder / "view", folder=folder)

        progress("writing HTML and PDF")
        collected = document.collect(executed)
        issue = document.Issue(version=number, corrects=corrects)
        files = {
            name: document.render(collected, kind, issue=issue, office=office.root)
            for kind, name in _FILES.items()
        }
        manifest = Manifest(
            briefing=order.briefing, area=order.area, period=seen.week.slug, audience=order.audience,
            language=order.language, as_of=seen.as_of, compared_with=seen.compared_with,
            status="published", version=number, corrects=corrects, parameters=dict(parameters),
            marking=audience.marking, fictional=office.fictional,
            title=collected.masthead.title, area_name=collected.masthead.area,
            bottom_line=collected.bottom_line, prepared_by=office.prepared_by,
            reviewer=_reviewer(seen), inputs=inputs, digests=digests,
            files={name: _digest(content) for name, content in files.items()},
            versions={one: version(one) for one in _VERSIONS},
            sources=_sources(seen),
        )  # fmt: skip
        if earlier is not None and earlier.files != manifest.files:
            raise ExportError(
                f"Version {number} of this issue cannot be made again byte for byte here: "
                f"{_differing(earlier, manifest)}. Use the library versions its manifest names."
            )

        progress("checking what leaves")
        parts = folder / "pack"
        _write(parts, {**files, "manifest.json": manifest.to_bytes()})
        hidden = view.hidden_values(store, seen)
        permitted = [*view.shown_values(seen), *spoken.sentences(), *document.template_texts(office.root)]
        report = gate.check(
            parts, forbidden=hidden, permitted=permitted, marking=audience.marking, audience=audience.slug
        )
        gate.require(report)

        progress("publishing")
        written = pack.write(outputs, manifest, files, first_language=office.languages[0])
    index.write(outputs, audience=audience, office=office)
    return Published(written, manifest, reproduced=earlier is not None)


def _allowed(order: Order, audience: Audience) -> None:
    if order.briefing not in audience.briefings:
        raise DisclosureRefused(
            f'Audience "{audience.slug}" does not receive the briefing "{order.briefing}". '
            f"It receives: {', '.join(audience.briefings) or 'none'}. See [[audience]] in workbench.toml."
        )


def _issues(office: Office, order: Order) -> pack.Versions:
    """Return all versions of this issue, oldest first."""
    return pack.versions(
        office.path(office.outputs),
        audience=order.audience,
        briefing=order.briefing,
        area=order.area,
        period=order.week,
        language=order.language,
    )


def _compared_with(office: Office, store: Store, order: Order, issues: pack.Versions) -> datetime | None:
    """
    Return the cut-off of the last issue, which this one is compared with; None leaves it to the view.

    A past issue made again is compared with what it was compared with then.
    """
    known = store.cut_off(order.as_of)
    for _, manifest in issues:
        if manifest.as_of == known:
            return manifest.compared_with
    last = pack.last_before(
        office.path(office.outputs), audience=order.audience, briefing=order.briefing, area=order.area,
        period=order.week, language=order.language, as_of=order.as_of,
    )  # fmt: skip
    return last.as_of if last else None


def _version_for(
    inputs: str, issues: pack.Versions, *, as_of: datetime
) -> tuple[int, int | None, Manifest | None]:
    """
    Return the number of this version, the one it corrects, and the pack that it is, if there is one.

    A version corrects the last one that knew no more. What is made from an earlier as_of than all
    others shows what was known then, and corrects nothing.
    """
    for _, manifest in issues:
        if manifest.inputs == inputs:
            return manifest.version, manifest.corrects, manifest
    taken = [number for number, _ in issues] + [one.version for one in issues.unreadable]
    corrected = [manifest.version for _, manifest in issues if manifest.as_of <= as_of]
    knows_most = len(corrected) == len(issues)
    return max(taken, default=0) + 1, max(corrected, default=None) if knows_most else None, None


def _standing(issues: pack.Versions, content: str, *, as_of: datetime) -> Manifest | None:
    """Return the last version, if it says all that is known now, only from an earlier pull."""
    last = max((manifest for _, manifest in issues), key=lambda one: (one.as_of, one.version), default=None)
    same = last is not None and last.digests.get("content") == content and last.as_of < as_of
    return last if same else None


@contextmanager
def _run_folder(outputs: Path, order: Order) -> Iterator[Path]:
    """Give a run its private folder; it goes when the run succeeds, and stays for analysts when not."""
    runs = outputs / ".runs"
    runs.mkdir(parents=True, exist_ok=True)
    for left in runs.iterdir():
        if left.is_dir() and time.time() - left.stat().st_mtime > _KEEP_RUNS_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{order.briefing}-{order.week}-{order.audience}-", dir=runs))
    try:
        yield folder
    except BriefingFailed as problem:
        raise BriefingFailed(f"{problem} Run folder: {folder}") from None
    except WorkbenchError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def _templates_digest(office: Office) -> str:
    """Return a digest of the page templates: those of the office, and the shipped ones under them."""
    own, came_along = document.templates(office.root), shipped("templates")
    files = [file for file in sorted(own.iterdir()) if file.is_file()]
    files += [file for file in sorted(came_along.iterdir()) if file.name.startswith(("briefing.", "blocks."))]
    return _digest(b"".join(file.name.encode() + file.read_bytes() for file in files))


def _policy_digest(audience: Audience) -> str:
    """Return a digest of all that decides what an audience reads: its entry and every column's rule."""
    rules = [
        (record.name, column.name, column_rule(record, column, audience).reason)
        for record in map(record_type, record_names())
        for column in record.columns
    ]
    return _digest(_canonical([audience.model_dump(mode="json"), rules]))


def _reviewer(seen: view.View) -> str:
    rows = seen.table("assessment")
    if "reviewer" not in rows:
        return ""
    reviewers = rows.loc[rows["week"] == seen.week.slug, "reviewer"].dropna()
    return str(reviewers.iloc[0]) if len(reviewers) else ""


def _sources(seen: view.View) -> tuple[SourceLine, ...]:
    rows = seen.sources.astype("object").where(seen.sources.notna(), None)
    return tuple(
        SourceLine(
            source=row["source"],
            title=row["title"],
            licence=row["licence"],
            attribution=row["attribution"],
            delivered_at=row["delivered_at"],
            last_dated=row["last_dated"] and row["last_dated"].date(),
        )
        for row in rows.to_dict("records")
    )


def _differing(earlier: Manifest, now: Manifest) -> str:
    libraries = [
        f"{name} was {was} and is {now.versions.get(name)}"
        for name, was in earlier.versions.items()
        if now.versions.get(name) != was
    ]
    files = [name for name, digest in earlier.files.items() if now.files.get(name) != digest]
    return f"{', '.join(files)} differ" + (f" ({'; '.join(libraries)})" if libraries else "")
