"""Briefing workbench: liaison logs and incident data to weekly conflict briefings that do not leak."""

__version__ = "0.1.0"
