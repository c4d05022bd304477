"""Who is meant by `user`, for types."""

from typing import cast

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest

# As `request.user` is. Rows are asked for by it, and nobody has any.
AnyUser = User | AnonymousUser


def signed_in(request: HttpRequest) -> User:
    """Who asks, where only somebody who is signed in can: the view's decorators see to that."""
    return cast(User, request.user)
