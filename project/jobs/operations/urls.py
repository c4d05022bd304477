from django.urls import path

from . import views

app_name = "jobs"
urlpatterns = [
    path("", views.monitor, name="monitor"),
    path("queues/<slug:queue>/pauses/", views.pause, name="pause"),
    path("queues/<slug:queue>/resumptions/", views.resume, name="resume"),
    path("networks/<slug:network>/pauses/", views.pause_network, name="pause_network"),
    path("networks/<slug:network>/openings/", views.open_network, name="open_network"),
    path("workers/<int:worker>/commands/", views.command, name="command"),
]
