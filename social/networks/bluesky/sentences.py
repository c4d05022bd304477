"""What Bluesky has to say to people here."""

from django.utils.translation import gettext_lazy as _

EXAMPLES = ("@alice.bsky.social",)
BY_PASSWORD = _(
    "Make an app password on bsky.app, under Settings, Privacy and security, App passwords. It can"
    " post, and you can take it back there at any time; your main password is not asked for."
)
BY_HANDLE = _("Your own server asks you whether this may post for you; here you say your handle.")
CONNECT_OPTIONS = {"token": "of a session by app password", "refresh_token": "to stay connected"}
HANDLE_LABEL = _("Handle")
HANDLE_HELP = _("As alice.bsky.social, or your own domain.")
APP_PASSWORD = _("App password")
APP_PASSWORD_HELP = _("As abcd-efgh-ijkl-mnop.")
NO_PASSWORD_HELP = _("Only where your server does not ask you itself: as abcd-efgh-ijkl-mnop.")
LANGUAGE = _("Language")
LANGUAGE_HELP = _("Readers choose by it what they are shown.")
NO_LANGUAGE = _("Not said")
LABEL = _("Content warning")
LABEL_HELP = _("Of the pictures: readers see them after a click, or not at all.")
LABEL_CHOICES = (
    ("", _("None")),
    ("sexual", _("Suggestive")),
    ("nudity", _("Nudity")),
    ("porn", _("Adult")),
    ("graphic-media", _("Violent or disturbing")),
)
