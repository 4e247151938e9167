"""Hotspots: where incidents are concentrated, in space or in space and time, and whether chance would do it.

places      districts and event points as places that can be scanned
scan        Kulldorff's circular scan of one period
space_time  the same with weeks: which circle, since when
getis       Gi*, the simple alternative: each place with its neighbours
"""

from workbench.analysis.hotspots.getis import getis_ord, touching
from workbench.analysis.hotspots.places import EventPlaces, centroids, event_places, with_past
from workbench.analysis.hotspots.scan import scan, seeded
from workbench.analysis.hotspots.space_time import (
    PROSPECTIVE,
    RETROSPECTIVE,
    Cylinders,
    scan_space_time,
)

__all__ = [
    "PROSPECTIVE",
    "RETROSPECTIVE",
    "Cylinders",
    "EventPlaces",
    "centroids",
    "event_places",
    "getis_ord",
    "scan",
    "scan_space_time",
    "seeded",
    "touching",
    "with_past",
]
