"""Why a delivery stands where it stands: of the words of `social.reasons`."""

from social.reasons import CANNOT_LOOK, Reason

__all__ = ["CANNOT_LOOK", "Reason"]
