"""Small packs for the tests of publication; everything in them is invented."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any

from workbench.config import load, shipped
from workbench.keys import keys_of
from workbench.publish.manifest import Manifest, SourceLine

KEYS = keys_of(load(shipped("workbench.toml").parent))
"""The keys of the sample office."""

AS_OF = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)


def files(text: str = "calm") -> dict[str, bytes]:
    """Return the two documents of a pack."""
    return {"briefing.html": f"<p>{text}</p>".encode(), "briefing.pdf": f"%PDF {text}".encode()}


def manifest(content: dict[str, bytes] | None = None, **said: Any) -> Manifest:
    """Return the manifest of these documents: week 46 in Kestara for the internal audience, unless said."""
    given: dict[str, Any] = {
        "briefing": "weekly_conflict",
        "area": "kestara",
        "area_name": "Kestara Province",
        "period": "2026-W46",
        "audience": "internal",
        "marking": "CONFIDENTIAL",
        "language": "en",
        "as_of": AS_OF,
        "compared_with": None,
        "status": "released",
        "recipients": [],
        "released_by": [],
        "changes": [],
        "document": "3" * 64,
        "version": 1,
        "corrects": None,
        "fictional": True,
        "title": "Weekly conflict briefing: Kestara Province",
        "bottom_line": "Seven attacks in Kuro; offices should move by day.",
        "prepared_by": "Security liaison and analysis desk",
        "reviewer": "Head of security",
        "parameters": {"area": "kestara", "week": "2026-W46"},
        "inputs": "0" * 64,
        "digests": {"view": "1" * 64, "notebook": "2" * 64},
        "files": {
            name: hashlib.sha256(body).hexdigest()
            for name, body in (files() if content is None else content).items()
        },
        "versions": {"workbench": "0.1.0"},
        "sources": [
            SourceLine(
                source="meridian", title="Meridian", licence="CC BY 4.0", attribution="Meridian",
                delivered_at=AS_OF, last_dated=date(2026, 11, 15),
            )
        ],
    }  # fmt: skip
    return Manifest.model_validate(given | said)
