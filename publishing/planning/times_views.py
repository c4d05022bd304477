"""The page on which a person changes their posting times. Each button draws the page anew with what
stands in it; only *Save* stores anything, and says before what moves by that."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from .lineup import ListChange
from .queue_views import moves_in_words
from .week import PostingWeek, change_of, is_nothing, key_of_change, save_week


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def posting_times(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return show(request, PostingWeek.of(request.user))
    week, sent = PostingWeek.sent(request.POST), request.POST
    if "remove" in sent:
        week.remove(sent["remove"])
    elif sent.get("act") == "copy":
        week.copy_monday()
    elif sent.get("act") == "suggest":
        week.suggest(request.user)
    elif sent.get("act") == "save" and not week.problems:
        return save(request, week, sent.get("shown"))
    return show(request, week, status=400 if week.problems else 200)


def save(request: HttpRequest, week: PostingWeek, shown: str | None) -> HttpResponse:
    """`shown` is what its page said would move; without that, it is said first."""
    change = change_of(request.user, week)
    if not is_nothing(change) and shown is None:
        return show(request, week, change)
    wanted = key_of_change(change) if shown is None else shown
    saved = save_week(request.user, week, wanted)
    if saved is None:
        return show(request, week, change_of(request.user, week), status=409)
    messages.success(request, gettext("Saved."))
    for sentence in sentences_of(saved, is_done=True):
        messages.info(request, sentence)
    return redirect("queue:queue")


def show(
    request: HttpRequest, week: PostingWeek, change: ListChange | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"week": week}
    if change is not None:
        context |= in_words_of(change)
    return render(request, "publishing/queue/posting_times.html", context, status=status)


def in_words_of(change: ListChange) -> dict[str, Any]:
    """What a page shows of it before it is done."""
    return {
        "change": change,
        "shown": key_of_change(change),
        "sentences": sentences_of(change),
        "moves": moves_in_words(change.moves),
    }


def sentences_of(change: ListChange, is_done: bool = False) -> list[str]:
    sentences = []
    if moves := len(change.moves):
        sentence = (
            ngettext("{count} post was moved.", "{count} posts were moved.", moves)
            if is_done
            else ngettext("{count} post moves.", "{count} posts move.", moves)
        )
        sentences.append(sentence.format(count=moves))
    if fixed := len(change.fixed):
        sentence = ngettext(
            "{count} post keeps its time, which is its own from now on.",
            "{count} posts keep their times, which are their own from now on.",
            fixed,
        )
        sentences.append(sentence.format(count=fixed))
    return sentences
