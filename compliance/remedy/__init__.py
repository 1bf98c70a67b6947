"""What it would take to pass: the smallest change of a unit's facts, exactly and in words."""

from compliance.remedy.records import Remedy, Setting, Step

__all__ = ["Remedy", "Setting", "Step"]
