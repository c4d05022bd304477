"""The models of this app, where Django and other apps look for them."""

from .insights.interest import Interest
from .insights.statistics import Statistics
from .insights.suggestion import Suggestion
from .reading.item import ImportedItem
from .reading.run import ImportRun
from .reading.timeline import Timeline

__all__ = ["ImportRun", "ImportedItem", "Interest", "Statistics", "Suggestion", "Timeline"]
