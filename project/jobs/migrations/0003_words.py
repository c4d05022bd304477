"""Names that a stranger can guess. Rows, and the permissions of whoever has some, are kept."""

from django.db import migrations

RENAMED = {"act": "auditlogentry", "setaside": "deadletter", "tally": "forgottenjobs"}
WORDS = {
    "auditlogentry": "audit log entry",
    "deadletter": "dead letter",
    "forgottenjobs": "forgotten jobs",
    "act": "act",
    "setaside": "job set aside",
    "tally": "tally",
}
VERBS = ("add", "change", "delete", "view")


def rename_permissions(apps, renamed):
    """Django renames the content types of renamed models, and leaves the permissions as they are."""
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="jobs", content_type__model__in=[*renamed, *renamed.values()]
    )
    for old, new in renamed.items():
        for verb in VERBS:
            permissions.filter(codename=f"{verb}_{old}").update(
                codename=f"{verb}_{new}", name=f"Can {verb} {WORDS[new]}"
            )


def rename_schedule(apps, old, new):
    """The timetable knows its rows by name: under another one whoever paused it would see it run."""
    names = [f"timetable: {name}" for name in (old, new)]
    schedules = apps.get_model("django_q", "Schedule").objects
    schedules.filter(name=names[0]).update(name=names[1])


def forwards(apps, schema_editor):
    rename_permissions(apps, RENAMED)
    rename_schedule(apps, "look at closed networks", "probe tripped networks")


def backwards(apps, schema_editor):
    rename_permissions(apps, {new: old for old, new in RENAMED.items()})
    rename_schedule(apps, "probe tripped networks", "look at closed networks")


def rename_column(table, old, new):
    return migrations.RunSQL(
        f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}",
        f"ALTER TABLE {table} RENAME COLUMN {new} TO {old}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_queue"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RenameModel("Act", "AuditLogEntry"),
        migrations.AlterModelOptions(
            "auditlogentry",
            options={
                "ordering": ["-at", "-id"],
                "verbose_name": "audit log entry",
                "verbose_name_plural": "audit log",
            },
        ),
        migrations.RenameModel("SetAside", "DeadLetter"),
        migrations.RenameField("deadletter", "set_aside_at", "created_at"),
        migrations.AlterModelOptions(
            "deadletter", options={"ordering": ["-created_at"], "verbose_name": "dead letter"}
        ),
        migrations.RenameModel("Tally", "ForgottenJobs"),
        migrations.RunPython(forwards, backwards),
        migrations.RenameField("heartbeat", "wish", "command"),
        # django-q2's table: no model of ours manages it.
        rename_column("django_q_ormq", "turn", "queue_position"),
        migrations.RenameField("queuedjob", "turn", "queue_position"),
        migrations.AlterModelOptions(
            "queuedjob",
            options={
                "managed": False,
                "ordering": ["key", "-priority", "queue_position", "lock", "id"],
            },
        ),
        migrations.RunSQL(
            "UPDATE django_q_ormq SET holder = 'quarantined' WHERE holder = 'solo'",
            "UPDATE django_q_ormq SET holder = 'solo' WHERE holder = 'quarantined'",
        ),
    ]
