"""What the admin calls our lists and columns, to be translated there.

Rows have no words of their own: they are the same in every language, and so are migrations, in
which Django would write down every new word of a model.
"""

from django.apps import apps
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

OUR_APPS = ("accounts", "api", "importing", "jobs", "publishing", "social", "webhooks")
# Those of the lists that the admin shows, for translators to find.
# fmt: off
NAMES = frozenset({
    _("API token"), _("API tokens"), _("access expires at"), _("access sealed"), _("account"),
    _("added"), _("address"), _("again at"), _("argument"), _("asked"), _("at"),
    _("at posting time"), _("attempt"), _("attempts"), _("audit log"), _("audit log entry"),
    _("author handle"), _("author id"), _("author name"), _("beat at"), _("blocked reason"),
    _("by"), _("candidates"), _("card"), _("cause"), _("changed at"), _("channel"),
    _("channel ids"), _("channels"), _("checked at"), _("checked on"), _("checks"), _("chosen at"),
    _("circuit breaker"), _("circuit breakers"), _("claimed id"), _("claims"), _("client callback"),
    _("client id"), _("client secret sealed"), _("clock"), _("colour"), _("command"),
    _("connection"), _("connections"), _("cost"), _("created at"), _("cursor"), _("dead letter"),
    _("dead letters"), _("deleted at"), _("deliveries"), _("delivery"), _("detail"), _("did"),
    _("digest"), _("disabled at"), _("disconnected at"), _("doing"), _("doubted since"), _("draft"),
    _("drafts"), _("due at"), _("due, or held until"), _("edited at"), _("ended"), _("entities"),
    _("error"), _("excerpt"), _("expected"), _("expires at"), _("extra sealed"), _("extras"),
    _("failed at"), _("failed job"), _("failed jobs"), _("failing since"), _("failures"),
    _("fields"), _("finished at"), _("finished job"), _("finished jobs"), _("first id"),
    _("first started at"), _("former secret sealed"), _("former secret until"), _("gone at"),
    _("handle"), _("holder"), _("home"), _("homes"), _("host"), _("html"), _("id"),
    _("import interval seconds"), _("import run"), _("import runs"), _("imported at"),
    _("imported item"), _("imported items"), _("is on"), _("is repeat"), _("is reset"), _("items"),
    _("job"), _("job id"), _("key"), _("kind"), _("last address"), _("last error"),
    _("last used at"), _("lease until"), _("likes"), _("limits"), _("longest"), _("media details"),
    _("media ids"), _("missing permissions"), _("name"), _("network"), _("network name"),
    _("next attempt at"), _("next import at"), _("next try at"), _("next verification at"),
    _("number"), _("outcome"), _("outgoing mail"), _("outgoing mails"), _("owner"), _("pages"),
    _("paused at"), _("paused queue"), _("paused queues"), _("paused until"), _("payload"),
    _("picture count"), _("picture url"), _("pid"), _("planned at"), _("post"), _("post revision"),
    _("posting time"), _("posting times"), _("posts"), _("prefix"), _("priority"), _("public id"),
    _("published as"), _("published at"), _("queue"), _("queue position"), _("queued job"),
    _("queued jobs"), _("reactions"), _("read at"), _("reason"), _("refresh not before"),
    _("refresh sealed"), _("refreshing until"), _("remote id"), _("remote url"), _("renewed at"),
    _("renewing until"), _("replaced by"), _("replies"), _("reposts"), _("reset at"), _("revision"),
    _("revoked at"), _("scope"), _("scopes"), _("secret sealed"), _("sent at"), _("server time"),
    _("since"), _("software"), _("started"), _("started at"), _("starts"), _("state"), _("status"),
    _("stopped at"), _("stored"), _("subject"), _("submit key"), _("succeeded at"), _("success"),
    _("tag"), _("tags"), _("text"), _("time zone"), _("timeline"), _("timelines"), _("times"),
    _("to"), _("token sealed"), _("trashed at"), _("tries"), _("tripped at"), _("until"),
    _("updated"), _("updated at"), _("url"), _("user"), _("verification"), _("verifications"),
    _("verified at"), _("versioned at"), _("views"), _("visibility note"), _("waiting for"),
    _("wanted at"), _("webhook"), _("webhooks"), _("weekday"), _("who"), _("woken at"), _("worker"),
})
# fmt: on


def translate_names() -> None:
    """Let the models' names, and those of their columns, be in the language of who reads them."""
    for model in apps.get_models():
        options = model._meta
        if options.app_label in OUR_APPS:
            options.verbose_name = gettext_lazy(str(options.verbose_name))
            options.verbose_name_plural = gettext_lazy(str(options.verbose_name_plural))
            for field in () if options.proxy else options.concrete_fields:  # which it shares
                field.verbose_name = gettext_lazy(str(field.verbose_name))
