"""What our workers need of django-q2's tables: columns with defaults, so that its own INSERTs go on
working, indexes, and on PostgreSQL a bell."""

from django.db import migrations

CHANNEL = "fanfare_jobs"
TEXT = "varchar({}) NOT NULL DEFAULT ''"
COLUMNS = {
    "django_q_ormq": {
        "priority": "smallint NOT NULL DEFAULT 0",
        "owner": TEXT.format(100),
        "network": TEXT.format(20),
        "func": TEXT.format(256),
        "argument": TEXT.format(200),
        "job": TEXT.format(32),
        "turn": "bigint NULL",
        "starts": "integer NOT NULL DEFAULT 0",
        "holder": TEXT.format(120),
    },
    "django_q_task": {
        "argument": TEXT.format(200),
        "worker": TEXT.format(120),
    },
}
INDEXES = {
    "jobs_ready": """django_q_ormq ("key", priority DESC, turn, id)
        WHERE turn IS NOT NULL AND holder = ''""",
    "jobs_asleep": """django_q_ormq ("key", "lock", id) WHERE turn IS NULL AND holder = ''""",
    "jobs_held": "django_q_ormq (holder) WHERE holder <> ''",
    "jobs_of_owner": 'django_q_ormq ("key", owner, turn) WHERE turn IS NOT NULL',
    "jobs_finished": "django_q_task (cluster, stopped, success)",
}


def columns():
    for table, added in COLUMNS.items():
        for name, kind in added.items():
            yield migrations.RunSQL(
                f"ALTER TABLE {table} ADD COLUMN {name} {kind}",
                f"ALTER TABLE {table} DROP COLUMN {name}",
            )


def indexes():
    for name, what in INDEXES.items():
        yield migrations.RunSQL(f"CREATE INDEX {name} ON {what}", f"DROP INDEX {name}")


def add_bell(apps, schema_editor):
    """A commit that queues something wakes the workers: they do not poll."""
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


def remove_bell(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER fanfare_ring ON django_q_ormq")
        schema_editor.execute("DROP FUNCTION fanfare_ring()")


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_jobs"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [*columns(), *indexes(), migrations.RunPython(add_bell, remove_bell)]
