"""What X has to say to people here."""

YOUR_PLACES = "your X account"
A_PLACE = "an X account"
EXAMPLES = ("@alice_bakes",)
CONNECTING = (
    "X asks which account you are signed in with there; to connect another one, switch on x.com"
    " first."
)
CONNECT_OPTIONS = {"refresh_token": "to stay connected"}
PERMISSIONS = {
    "tweet.write": "permission to post",
    "offline.access": "permission to stay connected",
}
# Said while somebody writes.
LINK_PRICE = "With a link a post costs this server $0.20 at X instead of $0.015."
MENTIONS = "X may refuse posts that name somebody (@…) when an app sends them."
