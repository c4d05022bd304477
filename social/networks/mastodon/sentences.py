"""What Mastodon has to say to people here."""

from django.utils.translation import gettext_lazy as _

EXAMPLES = ("@alice@mastodon.social",)
CONNECTING = _(
    "For Mastodon, name the server that your account lives on. It asks you whether this may post;"
    " your password stays there, and you can take that back there at any time. GoToSocial,"
    " Pixelfed, Pleroma and others that speak Mastodon's language will do as well."
)
CONNECT_OPTIONS = {"token": "of an app that you made on your server, under Development"}
HOME_HELP = _("As mastodon.social, or your whole address: @alice@mastodon.social.")
PERMISSIONS = {"write:statuses": _("permission to post")}
VISIBILITY = _("Who sees it")
VISIBILITY_CHOICES = (
    ("", _("As your account says")),
    ("public", _("Everybody")),
    ("unlisted", _("Everybody, but quietly: in no public timeline")),
    ("private", _("Your followers")),
)
WARNING = _("Content warning")
WARNING_HELP = _("Readers see this first, and the post after a click.")
LANGUAGE = _("Language")
NO_LANGUAGE = _("As your account says")
