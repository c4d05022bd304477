from django.urls import path

from . import views

app_name = "notices"
urlpatterns = [
    path("", views.notices, name="list"),
    path("dismissals/", views.dismiss_all, name="dismiss_all"),
    path("held/acts/", views.act_on_held, name="act_on_held"),
    path("<int:notice_id>/dismissals/", views.dismiss, name="dismiss"),
    path("<int:notice_id>/acts/", views.act, name="act"),
]
