"""Upkeep: leftovers expire by rule, released packs never do, and the office is backed up and restored."""
