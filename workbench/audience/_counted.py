"""What remains of a row whose licence allows counts but no rows."""

COUNTED = frozenset(
    {
        "record_id", "source", "level", "compartments", "listable", "occurred_on", "occurred_to",
        "date_precision", "event_type", "threat_category", "civilian_targeting", "killed_best",
        "killed_low", "killed_high", "civilians_killed", "injured_best", "abducted_best",
        "aid_affected", "admin1", "district", "district_name", "verification", "source_definition",
        "dup_group",
    }
)  # fmt: skip
"""What remains of a row whose licence allows counts but no rows: enough to count it in its week."""
