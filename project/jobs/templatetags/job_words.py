"""How the monitor says numbers."""

from django import template
from django.utils.translation import gettext, ngettext

from project.jobs.operations.monitor import COUNT_LIMIT

register = template.Library()
GAP = "\N{NO-BREAK SPACE}"
UNITS = ((1, 1000, "ms"), (120, 1, "s"), (7200, 1 / 60, "min"), (172_800, 1 / 3600, "h"))


@register.filter
def counted(number: int) -> str:
    """A count that goes no further than COUNT_LIMIT."""
    return (
        f"{number:,}"
        if number <= COUNT_LIMIT
        else gettext("over {count}").format(count=f"{COUNT_LIMIT:,}")
    )


@register.filter
def lasting(seconds: float | None) -> str:
    if seconds is None:
        return "\N{EN DASH}"
    for below, factor, unit in UNITS:
        if seconds < below:
            amount = seconds * factor
            digits = 1 if unit == "s" and amount < 10 else 0
            return f"{amount:.{digits}f}{GAP}{unit}"
    days = round(seconds / 86_400)
    return ngettext("{count} day", "{count} days", days).format(count=days).replace(" ", GAP)


@register.filter
def job_word(func: str) -> str:
    """publishing.tasks.send_delivery is publishing.send_delivery to people."""
    return func.removeprefix("project.").replace(".tasks.", ".")


def shortened(argument: str) -> str:
    """Of a long id as much as tells it from others, and as can be searched for."""
    return argument if len(argument) <= 20 else f"{argument[:8]}…"
