"""What Facebook has to say to people here."""

from social.reasons import Reason

YOUR_PLACES = "your Facebook Pages"
A_PLACE = "a Facebook Page"
EXAMPLES = ("Alice\u2019s Bakery", "Market Square")
CONNECTING = (
    "On Facebook one connection offers all your Pages; profiles and groups take no posts from"
    " outside."
)
CONNECT_OPTIONS = {"token": "of the user", "page": "this Page only"}
KIND_NOTES = {"friend": "Of your friends it shows only those who use this app too."}
PERMISSIONS = {
    "pages_show_list": "permission to see your Pages",
    "pages_read_engagement": "permission to read your Pages",
    "pages_manage_posts": "permission to post to your Pages",
    "CREATE_CONTENT": "a role on this Page that may create posts",
    Reason.NOT_TICKED: "a tick at this Page in Facebook's own window",
}
