"""Every address of Fanfare."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from project.jobs.metrics import metrics

from . import health, views

admin.site.login = secure_admin_login(admin.site.login)  # one way to sign in, throttled

urlpatterns = [
    path("", views.home, name="home"),
    path("demo/", views.demo, name="demo"),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("jobs/", include("project.jobs.urls")),
    path("", include("publishing.urls")),
    path("notices/", include("publishing.notices.urls")),
    path("", include("importing.urls")),
    path("channels/", include("social.urls")),
    path("settings/", include("project.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
