"""What the next weeks may bring, by several models, and how well each of them has done so far."""

from workbench.analysis.outlook.forecast import HORIZONS, LastOutlook, last_outlook, outlook
from workbench.analysis.outlook.models import BASELINES, MODELS
from workbench.analysis.outlook.scorecard import Best, Foretold, best, foretell, scorecard
from workbench.analysis.outlook.scores import brier, crps, crps_normal, crps_sample, log_score, pit

__all__ = [
    "BASELINES",
    "HORIZONS",
    "MODELS",
    "Best",
    "Foretold",
    "LastOutlook",
    "best",
    "brier",
    "crps",
    "crps_normal",
    "crps_sample",
    "foretell",
    "last_outlook",
    "log_score",
    "outlook",
    "pit",
    "scorecard",
]
