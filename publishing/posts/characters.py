"""Characters that no database and no network can hold."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext


def check_characters(text: str) -> None:
    """Raises ValidationError for broken ones."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValidationError(
            gettext("The text has broken characters in it."), code="broken"
        ) from error
    if "\0" in text:
        raise ValidationError(gettext("The text has broken characters in it."), code="broken")
