"""The documents that editions were set from: kept in the office, named by their digest, never changed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from workbench.config import Office
from workbench.document import Document
from workbench.errors import ExportError
from workbench.publish import pack


def keep(office: Office, document: Document) -> str:
    """Keep a document in the office's private folder and return its digest."""
    content = to_bytes(document)
    digest = hashlib.sha256(content).hexdigest()
    file = _file(office, digest)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pack.replace(file, content)
    return digest


def kept(office: Office, digest: str) -> Document | None:
    """Return the document with this digest, or None if it is not there any more or was changed."""
    found = content(office, digest)
    try:
        return None if found is None else from_bytes(found)
    except ExportError:
        return None


def content(office: Office, digest: str) -> bytes | None:
    """Return the document with this digest as it is kept, or None likewise."""
    try:
        found = _file(office, digest).read_bytes()
    except OSError:
        return None
    return found if hashlib.sha256(found).hexdigest() == digest else None


def from_bytes(content: bytes) -> Document:
    """Return the document that `to_bytes` wrote; ExportError if it is anything else."""
    try:
        return Document.from_json(json.loads(content))
    except ValueError:
        raise ExportError("A document is not as the workbench writes it. Make it again.") from None


def to_bytes(document: Document) -> bytes:
    """Return a document as it is kept and named by its digest: equal documents, equal bytes."""
    text = json.dumps(document.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8")


def _file(office: Office, digest: str) -> Path:
    return office.path(office.private) / "documents" / f"{digest}.json"
