"""Pictures for a page: uploading and arranging them, and showing them to their owner."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from .composer import ComposerMedia
from .media import Media


@login_required
@require_POST
def pictures(request: HttpRequest) -> HttpResponse:
    """Upload and arrange, while the rest of the composer stays as it is."""
    media = ComposerMedia.sent(request.user, request.POST, request.FILES)
    return render(request, "publishing/_pictures.html", {"pictures": media})


@login_required
@require_GET
def picture(request: HttpRequest, media_id: uuid.UUID) -> HttpResponse:
    """A thumbnail, for its owner's eyes; until there is one, the picture itself."""
    media = get_object_or_404(Media.objects.of(request.user), public_id=media_id)
    data, mime, is_final = media.shown()
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type=mime)
    keeping = "max-age=31536000, immutable" if is_final else "no-cache"
    response.headers["Cache-Control"] = f"private, {keeping}"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
