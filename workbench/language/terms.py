"""Labels of the vocabularies' words, as they are written on a page."""

from __future__ import annotations

from collections.abc import Mapping


def label(text: str) -> str:
    """Return the text itself; marks it for the message catalogue."""
    return text


TERMS: Mapping[str, Mapping[str, str]] = {
    "event_type": {
        "armed_clash": label("armed clash"),
        "attack_on_civilians": label("attack on civilians"),
        "explosive_or_remote": label("explosive or remote violence"),
        "abduction": label("abduction"),
        "arrest_or_detention": label("arrest or detention"),
        "sexual_violence": label("sexual violence"),
        "robbery_or_theft": label("robbery or theft"),
        "intrusion": label("intrusion"),
        "threat_or_harassment": label("threat or harassment"),
        "property_damage": label("property damage"),
        "mine_or_unexploded": label("mine or unexploded ordnance"),
        "access_denial": label("access denied"),
        "demonstration": label("demonstration"),
        "riot_or_mob": label("riot or mob violence"),
        "non_violent_development": label("non-violent development"),
        "medical_emergency": label("medical emergency"),
        "accident": label("accident"),
        "hazard": label("natural or technical hazard"),
        "other": label("other"),
    },
    "threat_category": {
        "armed_conflict": label("armed conflict"),
        "terrorism": label("terrorism"),
        "crime": label("crime"),
        "civil_unrest": label("civil unrest"),
        "hazard": label("hazards"),
    },
    "verification": {
        "reported": label("reported"),
        "corroborated": label("corroborated"),
        "confirmed": label("confirmed"),
        "discarded": label("discarded"),
    },
    "date_precision": {
        "day": label("exact day"),
        "days": label("within a few days"),
        "week": label("within a week"),
        "month": label("within a month"),
        "longer": label("over a longer time"),
    },
    "place_precision": {
        "place": label("exact place"),
        "near_place": label("near the place"),
        "district": label("somewhere in the district"),
        "province": label("somewhere in the province"),
        "country": label("somewhere in the country"),
    },
    "assessment": {
        "higher_than_usual": label("higher than usual"),
        "within_usual_variation": label("within usual variation"),
        "lower_than_usual": label("lower than usual"),
        "no_incident_reported": label("no incident reported"),
        "no_incident_known": label("no incident known"),
        "no_report": label("no report"),
        "history_too_short": label("too little history to say"),
    },
    "confidence": {
        "low": label("low"),
        "moderate": label("moderate"),
        "high": label("high"),
    },
    "channel": {
        "in_person": label("in person"),
        "phone": label("by phone"),
        "radio": label("by radio"),
        "message": label("by message"),
    },
    "organisation_kind": {
        "armed_forces": label("armed forces"),
        "police": label("police"),
        "local_force": label("local force"),
        "provincial_government": label("provincial government"),
        "district_administration": label("district administration"),
        "community_structure": label("community structure"),
        "un": label("United Nations"),
        "ingo": label("international NGO"),
        "other": label("other"),
    },
    "raised_by_kind": {
        "community": label("community"),
        "authority": label("authority"),
        "partner": label("partner"),
        "model": label("model"),
    },
    "outcome": {
        "occurred": label("occurred"),
        "averted": label("averted"),
        "false": label("false alarm"),
        "unknown": label("not known"),
    },
    "commitment_state": {
        "open": label("open"),
        "kept": label("kept"),
        "partly": label("partly kept"),
        "broken": label("broken"),
        "withdrawn": label("withdrawn"),
        "overdue": label("overdue"),
    },
    "site_state": {
        "running": label("running"),
        "reduced": label("reduced"),
        "suspended": label("suspended"),
        "stopped": label("stopped"),
    },
    "scenario": {
        "most_likely": label("most likely"),
        "most_dangerous": label("most dangerous"),
        "best_case": label("best case"),
    },
    "indicator_state": {
        "not_seen": label("not seen"),
        "seen": label("seen"),
        "strong": label("strong"),
    },
    "recommendation_state": {
        "open": label("open"),
        "accepted": label("accepted"),
        "done": label("done"),
        "declined": label("declined"),
        "overdue": label("overdue"),
    },
}
