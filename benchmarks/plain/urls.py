from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone

from project.urls import urlpatterns as real
from publishing.models import Delivery, Post
from publishing.posts.forms import PostForm


@login_required
def insert(request: HttpRequest) -> HttpResponse:
    form = PostForm(request.user, "UTC", request.POST)
    if not form.is_valid():
        return HttpResponse(str(form.errors), status=400)
    with transaction.atomic():
        cleaned = form.cleaned_data
        post = Post.objects.create(
            user=request.user, text=cleaned["text"], submit_key=cleaned["submit_key"]
        )
        Delivery.objects.bulk_create(
            Delivery(
                post=post,
                channel=channel,
                network_name=channel.network_name,
                account=channel.account,
                due_at=timezone.now(),
                waiting_for="held",  # out of reach of the worker: nothing is queued here
            )
            for channel in cleaned["channels"]
        )
    return redirect(post)


urlpatterns = [path("plain/", insert), *real]
