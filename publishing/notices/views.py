"""The page of notices, and what a person does with one of them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from .notice import Notice
from .sync import sync_posts

NOTICES_PER_PAGE = 20
SETTLED_AT_ONCE = 500  # notices, by one word


@login_required
@require_GET
@never_cache
def notices(request: HttpRequest) -> HttpResponse:
    """What was not read until now still says so on the page that shows it."""
    pages = Paginator(Notice.objects.of(request.user).with_all().open_first(), NOTICES_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    shown = list(page)
    if "prefetch" not in request.headers.get("Sec-Purpose", ""):
        Notice.objects.filter(pk__in=[n.pk for n in shown if n.is_new]).mark_read()
    current = [notice for notice in shown if not notice.is_over]
    context = {
        "page": page,
        "current": current,
        "dismissable": any(notice.dismissed_at is None for notice in current),
        "held": Notice.objects.of(request.user)
        .open()
        .filter(kind="held")[:SETTLED_AT_ONCE]
        .count(),
        "earlier": [notice for notice in shown if notice.is_over],
    }
    return render(request, "publishing/notices.html", context)


@login_required
@require_POST
def dismiss_all(request: HttpRequest) -> HttpResponse:
    Notice.objects.of(request.user).dismiss()
    return redirect("notices:list")


@login_required
@require_POST
def dismiss(request: HttpRequest, notice_id: int) -> HttpResponse:
    notice = own_notice(request, notice_id)
    Notice.objects.of(request.user).filter(pk=notice.pk).dismiss()
    return redirect(way_back(request, "notices:list"))


@login_required
@require_POST
def act(request: HttpRequest, notice_id: int) -> HttpResponse:
    """All that a notice is about at once."""
    return act_on(request, [own_notice(request, notice_id)])


@login_required
@require_POST
def act_on_held(request: HttpRequest) -> HttpResponse:
    """After an outage many posts are late for one reason, and one word settles them."""
    held = Notice.objects.of(request.user).open().filter(kind="held").with_all()
    return act_on(request, list(held[:SETTLED_AT_ONCE]))


def act_on(request: HttpRequest, notices: list[Notice]) -> HttpResponse:
    done = sum(notice.act(request.POST.get("verb", "")) for notice in notices)
    if done:
        sentence = ngettext("{count} settled.", "{count} settled.", done)
        messages.success(request, sentence.format(count=done))
        sync_posts([notice.post_id for notice in notices if notice.post_id])
    else:
        messages.error(request, gettext("It has changed meanwhile: this is how it stands now."))
    return redirect(way_back(request, "notices:list"))


def own_notice(request: HttpRequest, notice_id: int) -> Notice:
    return get_object_or_404(Notice.objects.of(request.user).with_all(), pk=notice_id)


def way_back(request: HttpRequest, otherwise: Any) -> Any:
    """The page where the person was, if it is one of ours."""
    url = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(url, None, require_https=request.is_secure())
    return url if url and is_ours else otherwise
