"""Timelines, their runs, what they found, what a person is interested in by that; and what is made
of it: numbers and suggestions."""

from .insights.interest import Interest
from .insights.statistics import Statistics
from .insights.suggestion import Suggestion
from .reading.item import ImportedItem
from .reading.run import ImportRun
from .reading.timeline import Timeline

__all__ = ["ImportRun", "ImportedItem", "Interest", "Statistics", "Suggestion", "Timeline"]
