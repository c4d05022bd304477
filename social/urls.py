from django.urls import path

from . import sign_in, views

app_name = "channels"
urlpatterns = [
    path("", views.channels, name="list"),
    path("connect/<slug:network>/", sign_in.connect_by_form, name="connect"),
    path("connect/<slug:network>/callback/<str:home>/", sign_in.connect_by_code, name="callback"),
    path("connect/<slug:network>/client.json", sign_in.app_document, name="document"),
    path("connections/<uuid:connection_id>/", views.connection, name="connection"),
    path("connections/<uuid:connection_id>/choices/", views.choose, name="choose"),
    path("connections/<uuid:connection_id>/looks/", views.refresh, name="refresh"),
    path("connections/<uuid:connection_id>/disconnections/", views.disconnect, name="disconnect"),
    path("<uuid:channel_id>/pauses/", views.pause_channel, name="pause"),
    path("<uuid:channel_id>/resumptions/", views.resume_channel, name="resume"),
    path("<uuid:channel_id>/returns/", views.return_channel, name="return"),
    path("<uuid:channel_id>/disconnections/", views.disconnect_channel, name="disconnect_channel"),
]
