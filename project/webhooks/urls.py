from django.urls import path

from . import views

app_name = "webhooks"
urlpatterns = [
    path("", views.webhooks, name="list"),
    path("<uuid:webhook_id>/", views.webhook, name="webhook"),
    path("<uuid:webhook_id>/tests/", views.send_test, name="send_test"),
    path("<uuid:webhook_id>/secrets/", views.rotate_secret, name="rotate_secret"),
    path("<uuid:webhook_id>/switch/", views.switch, name="switch"),
    path("<uuid:webhook_id>/deletions/", views.delete, name="delete"),
    path("<uuid:webhook_id>/replays/", views.replay_all, name="replay_all"),
    path("<uuid:webhook_id>/events/<uuid:event_id>/replays/", views.replay, name="replay"),
]
