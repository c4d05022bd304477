"""The tables of jobs, and what our workers need of django-q2's: columns with defaults, so that its own
INSERTs go on working, indexes, and on PostgreSQL a bell."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


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
        "queue_position": "bigint NULL",
        "starts": "integer NOT NULL DEFAULT 0",
        "holder": TEXT.format(120),
    },
    "django_q_task": {
        "argument": TEXT.format(200),
        "worker": TEXT.format(120),
    },
}
INDEXES = {
    "jobs_ready": """django_q_ormq ("key", priority DESC, queue_position, id)
        WHERE queue_position IS NOT NULL AND holder = ''""",
    "jobs_asleep": """django_q_ormq ("key", "lock", id) WHERE queue_position IS NULL AND holder = ''""",
    "jobs_held": "django_q_ormq (holder) WHERE holder <> ''",
    "jobs_of_owner": 'django_q_ormq ("key", owner, queue_position) WHERE queue_position IS NOT NULL',
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

    initial = True

    replaces = [
        ("jobs", "0001_jobs"),
        ("jobs", "0002_queue"),
        ("jobs", "0003_words"),
    ]

    dependencies = [
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FinishedJob',
            fields=[
                ('id', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('func', models.CharField(max_length=256, verbose_name='job')),
                ('argument', models.CharField(default='', max_length=200)),
                ('owner', models.CharField(db_column='group', max_length=100, null=True)),
                ('queue', models.CharField(db_column='cluster', max_length=100, null=True)),
                ('worker', models.CharField(default='', max_length=120)),
                ('started', models.DateTimeField()),
                ('stopped', models.DateTimeField(verbose_name='ended')),
                ('success', models.BooleanField(default=True)),
                ('attempt_count', models.IntegerField(default=0, verbose_name='starts')),
            ],
            options={
                'db_table': 'django_q_task',
                'ordering': ['-stopped'],
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='QueuedJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100, verbose_name='queue')),
                ('payload', models.TextField()),
                ('lock', models.DateTimeField(null=True, verbose_name='due, or held until')),
                ('priority', models.SmallIntegerField(default=0)),
                ('owner', models.CharField(blank=True, default='', max_length=100)),
                ('network', models.CharField(blank=True, default='', max_length=20)),
                ('func', models.CharField(blank=True, default='', max_length=256, verbose_name='job')),
                ('argument', models.CharField(blank=True, default='', max_length=200)),
                ('job', models.CharField(blank=True, default='', max_length=32, verbose_name='id')),
                ('queue_position', models.BigIntegerField(null=True)),
                ('starts', models.IntegerField(default=0)),
                ('holder', models.CharField(blank=True, default='', max_length=120)),
            ],
            options={
                'db_table': 'django_q_ormq',
                'ordering': ['key', '-priority', 'queue_position', 'lock', 'id'],
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='DeadLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100, verbose_name='queue')),
                ('payload', models.TextField()),
                ('reason', models.TextField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'dead letter',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='AuditLogEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('who', models.CharField(max_length=150)),
                ('did', models.CharField(max_length=80)),
                ('to', models.CharField(max_length=250)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'audit log entry',
                'verbose_name_plural': 'audit log',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='FailureNote',
            fields=[
                ('task_id', models.CharField(max_length=32, primary_key=True, serialize=False, verbose_name='id')),
                ('func', models.CharField(max_length=256, verbose_name='job')),
                ('args', models.JSONField(default=list, verbose_name='argument')),
                ('error', models.TextField()),
                ('cause', models.CharField(max_length=200)),
                ('failed_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'failed job',
                'ordering': ['-failed_at'],
                'indexes': [models.Index(fields=['func', 'cause', 'failed_at'], name='jobs_of_a_cause')],
            },
        ),
        migrations.CreateModel(
            name='FailureGroup',
            fields=[
            ],
            options={
                'verbose_name': 'group of failed jobs',
                'verbose_name_plural': 'groups of failed jobs',
                'ordering': ['-failed_at'],
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('jobs.failurenote',),
        ),
        migrations.CreateModel(
            name='ForgottenJobs',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('queue', models.CharField(max_length=100)),
                ('success', models.BooleanField()),
                ('jobs', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('queue', 'success'), name='jobs_one_tally')],
            },
        ),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('host', models.CharField(max_length=255)),
                ('pid', models.PositiveIntegerField()),
                ('kind', models.CharField(max_length=20)),
                ('started_at', models.DateTimeField()),
                ('beat_at', models.DateTimeField(db_index=True)),
                ('doing', models.JSONField(default=list)),
                ('command', models.CharField(blank=True, max_length=10)),
            ],
            options={
                'ordering': ['-beat_at'],
                'constraints': [models.UniqueConstraint(fields=('host', 'pid', 'kind'), name='jobs_one_heartbeat')],
            },
        ),
        migrations.CreateModel(
            name='PausedQueue',
            fields=[
                ('queue', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        *columns(),
        *indexes(),
        migrations.RunPython(add_bell, remove_bell),
    ]
