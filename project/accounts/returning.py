"""The way back: to the page where somebody was when their session ended, or when the token of its
forms was not good any more. What they wrote comes along."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.crypto import salted_hmac

from project.web.middleware import ACCOUNT_PAGES
from publishing.posts.keeping import keep, writer_of
from social.people import AnyUser

PERSON_HEADER = "X-Person"  # whose page asks, and whom the answer is for
# What the forms of an older page must send.
FRESH_TOKEN_HEADER = "X-Fresh-Token"  # noqa: S105
PAGE_OF_FORM = {"posts:list": "posts:compose"}  # where a form is, if not at its own address
FORMS_WITH_WORDS = ("posts:list", "posts:edit")
HOME_PAGE = "home"
PRIVATE_PAGES = (ACCOUNT_PAGES, "/admin/")  # of whose forms nothing is shown
NOT_SENT_AGAIN = ("csrfmiddlewaretoken", "password")  # also as a part of a name


def is_fragment(request: HttpRequest) -> bool:
    """Whether a page of ours asks for a part of itself."""
    return "HX-Request" in request.headers


def person_of(user: AnyUser) -> str:
    """A name of `user` for their own pages and what these keep in the browser: another one in each
    installation, so that nobody is taken for whoever had that number in another database."""
    if not user.is_authenticated:
        return "nobody"
    joined = f"{user.pk} {user.date_joined.isoformat()}"
    return salted_hmac("project.accounts.person", joined).hexdigest()[:20]


def sends_to_sign_in(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether `response` leads to sign-in because it wanted a person; pages about signing in have
    their own reasons to lead there."""
    if request.user.is_authenticated or request.path_info.startswith(ACCOUNT_PAGES):
        return False
    sign_in = resolve_url(settings.LOGIN_URL)
    return isinstance(response, HttpResponseRedirect) and response.url.startswith(sign_in)


def to_sign_in(request: HttpRequest, response: HttpResponse | None = None) -> HttpResponse:
    """Lead to the page to sign in, and from there back to the page that asked; whoever is signed in
    is sent on at once. `response` is what a view had answered."""
    page = page_of(request)
    if is_fragment(request):
        whole = HttpResponse(status=401)
        whole.headers["HX-Redirect"] = sign_in_address(page or resolve_url(HOME_PAGE))
        return whole
    if name_of(request) in FORMS_WITH_WORDS:
        keep(request, page)
    if not page and response is not None:
        return response
    return HttpResponseRedirect(sign_in_address(page or resolve_url(HOME_PAGE)))


def sign_in_address(page: str) -> str:
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': page}, safe='/')}"


def page_of(request: HttpRequest) -> str:
    """The address of the page that asks; empty when nobody says so."""
    if not is_fragment(request) and name_of(request) in FORMS_WITH_WORDS:
        page_name = PAGE_OF_FORM.get(name_of(request))
        return reverse(page_name) if page_name else request.path
    address = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    try:
        page = urlsplit(address)
    except ValueError:  # no address at all
        return ""
    if page.netloc != request.get_host() or page.path == resolve_url(settings.LOGIN_URL):
        return ""
    return page.path + (f"?{page.query}" if page.query else "")


def name_of(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def refuse_old_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form whose token is not good any more, as when its person signed in again in
    another window. If it came from a page of ours, nothing of it is lost."""
    is_ours = "Origin" in request.headers and not reason.startswith("Origin")
    if is_fragment(request) and not request.user.is_authenticated:
        return to_sign_in(request)
    writer = writer_of(request.POST)
    is_somebody_elses = writer is not None and writer != request.user.pk
    context: dict[str, Any] = {"text": request.POST.get("text", "") if is_ours else ""}
    if is_ours and not is_somebody_elses and not request.path_info.startswith(PRIVATE_PAGES):
        context |= {"address": request.get_full_path(), "fields": fields_of(request)}
        context["pictures"] = bool(request.FILES.getlist("files"))
    if request.path_info.startswith(PRIVATE_PAGES):
        next = urlencode({"next": request.POST.get("next", "")}, safe="/")
        context["page"] = f"{request.path}?{next}" if request.POST.get("next") else request.path
    context["is_somebody_elses"] = is_somebody_elses and request.user.is_authenticated
    response = render(request, "403_csrf.html", context, status=403)
    if is_ours and is_fragment(request):
        response.headers[FRESH_TOKEN_HEADER] = get_token(request)
    return response


def fields_of(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in request.POST.lists()
        if not any(private in name for private in NOT_SENT_AGAIN)
        for value in values
    ]
