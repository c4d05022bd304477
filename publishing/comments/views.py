"""What a person does with the first comment of one delivery."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from publishing.deliveries.views import own_delivery
from publishing.models import Comment
from publishing.notices.sync import sync_posts
from publishing.notices.views import way_back
from social.connections.adapter import ask_for


@login_required
@require_POST
def retry_comment(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    comment = own_comment(request, job_id)
    return answer(request, comment, comment.retry())


@login_required
@require_POST
def drop_comment(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    comment = own_comment(request, job_id)
    return answer(request, comment, comment.drop())


def own_comment(request: HttpRequest, job_id: uuid.UUID) -> Comment:
    comments = Comment.objects.of(request.user).with_all()
    return get_object_or_404(comments, delivery__job_id=job_id)


def answer(request: HttpRequest, comment: Comment, done: bool) -> HttpResponse:
    if done:
        sync_posts([comment.delivery.post_id])
    else:
        messages.error(request, gettext("It has changed meanwhile: this is how it stands now."))
    return redirect(way_back(request, comment.delivery.post))


@login_required
@require_POST
def allow_comments(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """Send the person to the network, which asks them; what failed for want of that is tried again
    when they come back."""
    delivery = own_delivery(request, job_id)
    network = delivery.channel.network
    permission = network.extra_permissions.get(network.first_comment, "")
    if not permission:
        return redirect(way_back(request, delivery.post))
    return ask_for(request, network, permission, delivery.post.get_absolute_url())
