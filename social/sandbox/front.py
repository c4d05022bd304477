"""The front page (stub for now)."""

from .templating import Safe, render, shell
from .wire import page


def answer(world, request):
    return (
        nothing()
        if request.url_path != "/"
        else page(shell("Both timelines", Safe("<h1>Sandbox</h1>")))
    )


def nothing():
    return page(shell("Nothing here", render("message", heading="Nothing here", text="")), 404)


def timelines_fragment(world):
    return nothing()


def tweet_page(world, id):
    return nothing()


def x_profile(world, n):
    return nothing()


def facebook_post_page(world, id):
    return nothing()


def facebook_profile(world, n):
    return nothing()
