"""A published page as a reader's eye has it: its tables, its lists, its text. Parsed, not imported."""

from pathlib import Path

from bs4 import BeautifulSoup


class Page:
    """The HTML of one edition."""

    def __init__(self, folder: Path) -> None:
        self.html = (folder / "briefing.html").read_text(encoding="utf-8")
        self._soup = BeautifulSoup(self.html, "html.parser")
        for one in self._soup(["style", "svg"]):
            one.decompose()
        self.text = _text(self._soup)

    def tables(self, heading: str) -> list[list[dict[str, str]]]:
        """Return the tables under the heading that ends with these words, as rows by column."""
        titles = {_text(one): one for one in self._soup(["h2", "h3"])}
        ends = [one for one in titles if one.casefold().endswith(heading.casefold())]
        title = titles[min(ends, key=len)]
        found = []
        for one in title.find_all_next(["h2", "h3", "table"]):
            if one.name == "table":
                found.append(_rows(one))
            elif one.name <= title.name:
                break
        return found

    def table(self, heading: str) -> list[dict[str, str]]:
        """Return the first table under a heading; no rows if there is none."""
        return next(iter(self.tables(heading)), [])

    def captioned(self, caption: str) -> list[dict[str, str]]:
        """Return the table with this caption; no rows if there is none."""
        for one in self._soup("table"):
            if one.caption is not None and _text(one.caption) == caption:
                return _rows(one)
        return []

    @property
    def figures(self) -> list[str]:
        """The big numbers, each with its label."""
        return [_text(one) for one in self._soup(class_="value")]

    @property
    def facts(self) -> str:
        """The line under the title."""
        return _text(self._soup.find(class_="facts"))


def _rows(table) -> list[dict[str, str]]:
    head = [_text(cell) for cell in table.thead(["th", "td"])]
    return [
        dict(zip(head, [_text(cell) for cell in row(["th", "td"])], strict=True)) for row in table.tbody("tr")
    ]


def _text(node) -> str:
    return " ".join(node.get_text(" ").split())
