"""Sections: what the analysis found, set as blocks in the language of the edition."""

from workbench.document.sections._parts import heading, part, side_by_side, tells_districts
from workbench.document.sections.contact import (
    alerts,
    commitments,
    contact_gaps,
    liaison,
    not_part,
    programme,
)
from workbench.document.sections.counted import (
    counted_from,
    data_end,
    data_span,
    district_table,
    incident_sources,
    key_figures,
    numbers_table,
    publishers,
    whole_area_only,
)
from workbench.document.sections.head import (
    bottom_line,
    judgements,
    masthead,
    outlook,
    recommendations,
    situation,
)
from workbench.document.sections.incidents import incident_list, significant, undated
from workbench.document.sections.method import method, revised, sources

__all__ = [
    "alerts",
    "bottom_line",
    "commitments",
    "contact_gaps",
    "counted_from",
    "data_end",
    "data_span",
    "district_table",
    "heading",
    "incident_list",
    "incident_sources",
    "judgements",
    "key_figures",
    "liaison",
    "masthead",
    "method",
    "not_part",
    "numbers_table",
    "outlook",
    "part",
    "programme",
    "publishers",
    "recommendations",
    "revised",
    "side_by_side",
    "significant",
    "situation",
    "sources",
    "tells_districts",
    "undated",
    "whole_area_only",
]
