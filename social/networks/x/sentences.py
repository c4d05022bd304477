"""What X has to say to people here."""

from django.utils.translation import gettext_lazy as _

A_PLACE = _("an X account")
EXAMPLES = ("@alice_bakes",)
CONNECTING = _(
    "X asks which account you are signed in with there; to connect another one, switch on x.com"
    " first."
)
ON_REPEATS = _("X may refuse the same words again.")
CONNECT_OPTIONS = {"refresh_token": "to stay connected"}
PERMISSIONS = {
    "tweet.write": _("permission to post"),
    "offline.access": _("permission to stay connected"),
}
# Said while somebody writes.
LINK_PRICE = _("On X this costs $0.20 because of the link; $0.015 without it.")
LINK_PRICE_IN_SANDBOX = _(
    "On the real X this would cost $0.20 because of the link, $0.015 without it. The sandbox costs"
    " nothing."
)
MENTIONS = _("X may refuse posts that name somebody (@…) when an app sends them.")
