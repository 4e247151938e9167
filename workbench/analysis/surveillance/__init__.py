"""Surveillance: which weeks stand out from their series' past, by the methods of public health."""

from workbench.analysis.surveillance._cusum import Chart, glr_cusum
from workbench.analysis.surveillance._ears import ears
from workbench.analysis.surveillance._farrington import Farrington, Flexible, farrington, farrington_flexible
from workbench.analysis.surveillance._threshold import power_threshold, quantile_threshold
from workbench.analysis.surveillance._watch import Watch, watch

__all__ = [
    "Chart",
    "Farrington",
    "Flexible",
    "Watch",
    "ears",
    "farrington",
    "farrington_flexible",
    "glr_cusum",
    "power_threshold",
    "quantile_threshold",
    "watch",
]
