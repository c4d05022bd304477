"""Sessions that began before they were listed are listed as well: or who looks for a stranger's
would be told that there is none."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations
from django.utils import timezone

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104  where nobody wrote it down


def list_sessions(apps: Any, schema_editor: Any) -> None:
    sessions = apps.get_model("sessions", "Session")
    user_sessions = apps.get_model("usersessions", "UserSession")
    users = {str(pk) for pk in apps.get_model("auth", "User").objects.values_list("pk", flat=True)}
    store, rows = SessionStore(), []
    for session in sessions.objects.filter(expire_date__gt=timezone.now()).iterator():
        user_id = store.decode(session.session_data).get("_auth_user_id")
        if user_id in users:
            key, pk = session.session_key, int(user_id)
            rows.append(user_sessions(session_key=key, user_id=pk, ip=UNKNOWN_ADDRESS))
    user_sessions.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_first_weekday"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("sessions", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(list_sessions, migrations.RunPython.noop)]
