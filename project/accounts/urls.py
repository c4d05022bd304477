from django.urls import path

from . import views

urlpatterns = [
    path("", views.settings_page, name="settings"),
    path("time-zone/", views.guess_time_zone, name="settings_time_zone"),
    path("notices/", views.choose_notice_mail, name="settings_notices"),
    path("keys/", views.choose_letter_keys, name="settings_keys"),
    path("calendar/", views.choose_first_weekday, name="settings_calendar"),
    path("export/", views.export, name="settings_export"),
    path("delete/", views.delete, name="settings_delete"),
]
