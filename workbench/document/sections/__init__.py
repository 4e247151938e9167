"""Sections: what the analysis found, set as blocks in the language of the edition."""

from workbench.document.sections._parts import heading, part, side_by_side, tells_districts
from workbench.document.sections.annex import glossary, quality_of_assessment
from workbench.document.sections.contact import (
    alerts,
    commitments,
    contact_gaps,
    liaison,
    not_part,
    programme,
)
from workbench.document.sections.counted import (
    bars,
    counted_from,
    data_end,
    data_span,
    district_table,
    incident_sources,
    key_figures,
    numbers_table,
    whole_area_only,
)
from workbench.document.sections.findings import (
    changes,
    gathered,
    reporting,
    watched,
    weeks_by_district,
)
from workbench.document.sections.foretold import last_outlook, outlook_in_numbers
from workbench.document.sections.head import (
    bottom_line,
    focus,
    implications,
    judgements,
    masthead,
    outlook,
    reasoning,
    recommendations,
    situation,
)
from workbench.document.sections.heard import last_actions, liaison_quality, required_contacts
from workbench.document.sections.incidents import incident_list, significant, undated
from workbench.document.sections.method import method, revised, sources
from workbench.document.sections.profile import (
    contents as profile_contents,
)
from workbench.document.sections.profile import (
    district_commitments,
    district_contacts,
    district_incidents,
    district_sites,
    district_situation,
    district_strip,
    of_district,
    profile,
)
from workbench.document.sections.publishers import publishers
from workbench.document.sections.quality import (
    contact_age,
    delay,
    deliveries,
    duplicates,
    flagged,
    rejected,
    unmatched,
)
from workbench.document.sections.quality import (
    summary as quality_summary,
)
from workbench.document.sections.risk import headcount, risk

__all__ = [
    "alerts",
    "bars",
    "bottom_line",
    "changes",
    "commitments",
    "contact_age",
    "contact_gaps",
    "counted_from",
    "data_end",
    "data_span",
    "delay",
    "deliveries",
    "district_commitments",
    "district_contacts",
    "district_incidents",
    "district_sites",
    "district_situation",
    "district_strip",
    "district_table",
    "duplicates",
    "flagged",
    "focus",
    "gathered",
    "glossary",
    "headcount",
    "heading",
    "implications",
    "incident_list",
    "incident_sources",
    "judgements",
    "key_figures",
    "last_actions",
    "last_outlook",
    "liaison",
    "liaison_quality",
    "masthead",
    "method",
    "not_part",
    "numbers_table",
    "of_district",
    "outlook",
    "outlook_in_numbers",
    "part",
    "profile",
    "profile_contents",
    "programme",
    "publishers",
    "quality_of_assessment",
    "quality_summary",
    "reasoning",
    "recommendations",
    "rejected",
    "reporting",
    "required_contacts",
    "revised",
    "risk",
    "side_by_side",
    "significant",
    "situation",
    "sources",
    "tells_districts",
    "undated",
    "unmatched",
    "watched",
    "weeks_by_district",
    "whole_area_only",
]
