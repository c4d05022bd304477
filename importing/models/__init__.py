"""Timelines, their runs, what they found, what a person is interested in by that; and what is made
of it: numbers and suggestions."""

from .interest import Interest
from .item import ImportedItem
from .run import ImportRun
from .statistics import Statistics
from .suggestion import Suggestion
from .timeline import Timeline

__all__ = ["ImportRun", "ImportedItem", "Interest", "Statistics", "Suggestion", "Timeline"]
