"""The front door."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def home(request: HttpRequest) -> HttpResponse:
    """A person's home is the composer; anybody else reads what this is."""
    if request.user.is_authenticated:
        return redirect("posts:compose")
    return render(request, "home.html")
