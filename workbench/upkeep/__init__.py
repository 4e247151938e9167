"""
Upkeep: what expires goes, and an office is backed up and restored.

Nothing here touches what readers have: packs and index pages lie under `outputs`, and stay.
"""

from workbench.upkeep._archive import Contents, verify
from workbench.upkeep._backup import Backup, backup
from workbench.upkeep._expire import Expired, Left, expire
from workbench.upkeep._restore import Restored, restore

__all__ = ["Backup", "Contents", "Expired", "Left", "Restored", "backup", "expire", "restore", "verify"]
