"""What Facebook has to say to people here."""

from django.utils.translation import gettext_lazy as _

from social.reasons import Reason

PLACE_WORD, PLACE_WORDS = _("Page"), _("Pages")
YOUR_PLACES = _("your Facebook Pages")
A_PLACE = _("a Facebook Page")
EXAMPLES = ("Alice\u2019s Bakery", "Market Square")
CONNECTING = _(
    "On Facebook one connection offers all your Pages; profiles and groups take no posts from"
    " outside."
)
ON_REPEATS = _("Facebook may refuse the same words again.")
FIRST_COMMENT = _("First comment")
FIRST_COMMENT_HELP = _(
    "Written below the post once that is there. Facebook asks you once to allow it."
)
CONNECT_OPTIONS = {"token": "of the user", "page": "this Page only"}
KIND_NOTES = {"friend": _("Of your friends it shows only those who use this app too.")}
PERMISSIONS = {
    "pages_show_list": _("permission to see your Pages"),
    "pages_read_engagement": _("permission to read your Pages"),
    "pages_manage_posts": _("permission to post to your Pages"),
    "pages_manage_engagement": _("permission to comment on your Pages"),
    "CREATE_CONTENT": _("a role on this Page that may create posts"),
    Reason.NOT_TICKED: _("a tick at this Page in Facebook's own window"),
}
