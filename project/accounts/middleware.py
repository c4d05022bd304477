"""What a page needs to know of who reads it: their time zone, and that it is still they."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from .models import Profile
from .returning import PERSON_HEADER, is_fragment, person_of, sends_to_sign_in, to_sign_in

GetResponse = Callable[[HttpRequest], HttpResponse]


class TimeZoneMiddleware:
    """Shows times in the zone of the person who reads the page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(Profile.objects.of(request.user).zone):
            return self.get_response(request)


class SamePersonMiddleware:
    """A page that is open while its session ends goes to sign-in as a whole, and comes back. Part
    of a page is given only to the page of whom it is for: never a form to sign in, never what is
    somebody else's who signed in meanwhile in the same browser."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_fragment(request):
            response = self.get_response(request)
            if request.method == "POST" and sends_to_sign_in(request, response):
                return to_sign_in(request, response)
            return response
        person = person_of(request.user)
        if request.headers.get(PERSON_HEADER, person) != person:
            return to_sign_in(request)
        response = self.get_response(request)
        if sends_to_sign_in(request, response):
            return to_sign_in(request)
        response.headers[PERSON_HEADER] = person
        return response
