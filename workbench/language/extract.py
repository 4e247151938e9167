"""Bring the catalogues up to date: `python -m workbench.language.extract`."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from io import SEEK_END, BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from markdown_it import MarkdownIt

from workbench.config import shipped
from workbench.language import CATALOGUES

_PACKAGE = Path(__file__).resolve().parent.parent


def messages() -> Catalog:
    """
    Return every sentence of the package and of the shipped notebooks, each with where it stands.

    In Python: the literal argument of `say` and `label`, the first two of `count`. In a notebook also
    each markdown heading and paragraph, which `document.collect` looks up.
    """
    found = Catalog(project="briefing-workbench", charset="utf-8")
    for file in sorted(_PACKAGE.rglob("*.py")):
        where = file.relative_to(_PACKAGE).as_posix()
        for line, message in _python(file.read_bytes()):
            found.add(message, locations=[(f"workbench/{where}", line)])
    for file in sorted(shipped("notebooks").glob("*.ipynb")):
        for message in _notebook(file):
            found.add(message, locations=[(f"notebooks/{file.name}", 1)])
    return found


def _python(source: bytes) -> Iterator[tuple[int, str | tuple[str, str]]]:
    # Babel's own extractor goes by names alone, and would take `text.count("a")` for a message.
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        literals = [
            one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        if name in {"say", "label"} and len(node.args) == len(literals) == 1:
            yield node.lineno, literals[0]
        elif name == "count" and len(node.args) == 3 and len(literals) == 2:
            yield node.lineno, (literals[0], literals[1])


def _notebook(file: Path) -> Iterator[str | tuple[str, str]]:
    for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            for _, message in _python(source.encode()):
                yield message
        elif cell["cell_type"] == "markdown":
            # as `document.collect` looks them up: each heading, paragraph and list item by itself
            yield from (token.content for token in MarkdownIt().parse(source) if token.type == "inline")


def update(file: Path, found: Catalog) -> bytes:
    """Return the catalogue in `file` with every message of `found` and no other; English fills itself."""
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale=file.stem)
    known = {message.id: message.string for message in catalogue if message.id}
    fresh = Catalog(locale=file.stem)
    for message in sorted((m for m in found if m.id), key=lambda m: str(m.id)):
        string = known.get(message.id) or (message.id if file.stem == "en" else "")
        fresh.add(message.id, string, locations=sorted({(name, 0) for name, _ in message.locations}))
    # Babel's own header carries the time of writing; the same messages must give the same bytes.
    written = BytesIO(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {file.stem}\\n"\n"Plural-Forms: {fresh.plural_forms}\\n"\n\n'.encode()
    )
    written.seek(0, SEEK_END)
    write_po(written, fresh, width=110, include_lineno=False, omit_header=True)
    return written.getvalue()


def main() -> int:
    """Rewrite every catalogue; name on standard output those that changed."""
    found = messages()
    for file in sorted(CATALOGUES.glob("*.po")):
        before, after = file.read_bytes(), update(file, found)
        if before != after:
            file.write_bytes(after)
            sys.stdout.write(f"{file.name}: brought up to date\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
