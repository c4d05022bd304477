from django.db import migrations, models

CHANNEL = "fanfare_jobs"


def add_trigger(apps, schema_editor):
    """A commit that queues something rings the workers' bell: they need not poll."""
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(
        f"""CREATE FUNCTION fanfare_ring() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NOTIFY {CHANNEL}; RETURN NULL; END $$"""
    )
    schema_editor.execute(
        """CREATE TRIGGER fanfare_ring AFTER INSERT ON django_q_ormq
        FOR EACH STATEMENT EXECUTE FUNCTION fanfare_ring()"""
    )


def remove_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER fanfare_ring ON django_q_ormq")
        schema_editor.execute("DROP FUNCTION fanfare_ring()")


class Migration(migrations.Migration):
    """Who holds a queue row, and how often it was started: two columns with defaults, so that
    django-q2's own INSERT goes on working."""

    dependencies = [
        ("jobs", "0002_due_first"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE django_q_ormq ADD COLUMN starts integer NOT NULL DEFAULT 0",
            "ALTER TABLE django_q_ormq DROP COLUMN starts",
        ),
        migrations.RunSQL(
            "ALTER TABLE django_q_ormq ADD COLUMN holder varchar(120) NOT NULL DEFAULT ''",
            "ALTER TABLE django_q_ormq DROP COLUMN holder",
        ),
        migrations.RunPython(add_trigger, remove_trigger),
        migrations.AddField("heartbeat", "doing", models.JSONField(default=list)),
    ]
