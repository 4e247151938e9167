"""The documentation: Markdown files of this folder, written as pages that need no network."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from workbench import __version__
from workbench.config import shipped

_HERE = Path(__file__).resolve().parent

PAGES: tuple[str, ...] = (
    "index", "tutorial", "analyst", "scheduler", "manager", "connect", "figures", "glossary",
)  # fmt: skip
"""In the order of the menu; each is a Markdown file beside this one."""

_HEADING = re.compile(r"<(h[1-3])>(.*?)</h[1-3]>")
_TO_PAGE = re.compile(r'href="([a-z]+)\.md(#[^"]*)?"')


def write(folder: Path) -> Path:
    """
    Write all pages and their pictures into `folder`, and return the first page.

    Each file is whole at any moment; what else lies in the folder stays. A link to `name.md` of one page
    leads to that page. Raises OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in PAGES:
        _replace(folder / f"{name}.html", page(name).encode("utf-8"))
    pictures = _HERE / "pictures"
    for picture in sorted(pictures.glob("*.png")):
        target = folder / "pictures" / picture.name
        target.parent.mkdir(exist_ok=True)
        if not target.is_file() or target.stat().st_size != picture.stat().st_size:
            shutil.copyfile(picture, target)
    return folder / "index.html"


def page(name: str) -> str:
    """Return a page of PAGES as HTML."""
    import jinja2

    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(shipped("templates")), autoescape=True, trim_blocks=True
    )
    content = _TO_PAGE.sub(r'href="\1.html\2"', _rendered(text(name)))
    return templates.get_template("docs.html.j2").render(
        title=title(name), version=__version__, here=name, content=content,
        menu=[(one, title(one)) for one in PAGES],
    )  # fmt: skip


def text(name: str) -> str:
    """Return the Markdown of a page."""
    return (_HERE / f"{name}.md").read_text(encoding="utf-8")


def title(name: str) -> str:
    """Return the first heading of a page."""
    return text(name).splitlines()[0].removeprefix("# ")


def _rendered(markdown: str) -> str:
    """Return Markdown as HTML; headings have their words as anchors, wide tables scroll by themselves."""
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark").enable("table").render(markdown)
    made = made.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
    return _HEADING.sub(lambda found: f'<{found[1]} id="{_anchor(found[2])}">{found[2]}</{found[1]}>', made)


def _anchor(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _replace(file: Path, content: bytes) -> None:
    if file.is_file() and file.read_bytes() == content:
        return
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(file)
