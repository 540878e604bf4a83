"""The sheets that the ententes add to the workbook."""

from .agreements import AgreementSheet
from .corridors import CorridorSheet, ObligationSheet

__all__ = ["AgreementSheet", "CorridorSheet", "ObligationSheet"]
