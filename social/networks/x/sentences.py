"""What X has to say to people here."""

from django.utils.translation import gettext_lazy as _

A_PLACE = _("an X account")
EXAMPLES = ("@alice_bakes",)
CONNECTING = _(
    "X asks which account you are signed in with there; to connect another one, switch on x.com"
    " first."
)
CONNECT_OPTIONS = {"refresh_token": "to stay connected"}
PERMISSIONS = {
    "tweet.write": _("permission to post"),
    "offline.access": _("permission to stay connected"),
}
# Said while somebody writes.
LINK_PRICE = _("With a link a post costs this server $0.20 at X instead of $0.015.")
MENTIONS = _("X may refuse posts that name somebody (@…) when an app sends them.")
