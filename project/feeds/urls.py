from django.urls import path

from . import views

app_name = "feeds"
urlpatterns = [
    path("", views.feeds, name="list"),
    path("<uuid:feed_id>/deletions/", views.delete, name="delete"),
]
