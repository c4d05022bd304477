"""Every address of Fanfare."""

from importlib import import_module

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required, secure_admin_login
from allauth.socialaccount import views as socialaccount
from allauth.usersessions import views as usersessions
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from project.api.mcp.views import mcp
from project.jobs.operations.metrics import metrics
from project.networks import DECLARED

from .web import health, views

# One way to sign in, throttled.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # allauth's advice

# Of allauth's addresses those that somebody here needs. Left out: signing in by a network's token
# (which keeps the app's secret in the cache), signing up by a network, codes instead of passwords.
account_patterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path(
        "sessions/",
        login_required(reauthentication_required(usersessions.list_usersessions)),
        name="usersessions_list",
    ),
    path("second-step/", include("allauth.mfa.urls")),
    path("email/", account.email, name="account_email"),
    path("confirm-email/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"
    ),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # Where connecting a network ends when it does not end well.
    path(
        "3rdparty/login/cancelled/",
        socialaccount.login_cancelled,
        name="socialaccount_login_cancelled",
    ),
    path("3rdparty/login/error/", socialaccount.login_error, name="socialaccount_login_error"),
    # allauth names it as the way back from connecting; our page of that is another.
    path(
        "3rdparty/",
        RedirectView.as_view(pattern_name="channels:list"),
        name="socialaccount_connections",
    ),
    *(pattern for it in DECLARED if it.urls for pattern in import_module(it.urls).urlpatterns),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("demo/", views.demo, name="demo"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("jobs/", include("project.jobs.operations.urls")),
    path("", include("publishing.urls")),
    path("", include("publishing.calendar.urls")),
    path("drafts/", include("publishing.planning.urls")),
    path("queue/", include("publishing.planning.queue_urls")),
    path("", include("publishing.reuse.urls")),
    path("notices/", include("publishing.notices.urls")),
    path("", include("importing.urls")),
    path("channels/", include("social.urls")),
    path("settings/tokens/", include("project.api.settings_urls")),
    path("settings/", include("project.accounts.urls")),
    path("settings/feeds/", include("project.feeds.urls")),
    path("settings/webhooks/", include("project.webhooks.urls")),
    path("api/", include("project.api.urls")),
    path("mcp", mcp, name="mcp"),
    path("accounts/", include(account_patterns)),
    path("admin/", admin.site.urls),
]
