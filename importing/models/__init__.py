"""Timelines, their runs, what they found, and what a person is interested in by that."""

from .interest import Interest
from .item import ImportedItem
from .run import ImportRun
from .timeline import Timeline

__all__ = ["ImportRun", "ImportedItem", "Interest", "Timeline"]
