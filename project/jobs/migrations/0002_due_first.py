from django.db import migrations


class Migration(migrations.Migration):
    """The index that finding the oldest due row wants; django-q2's table has none."""

    dependencies = [
        ("jobs", "0001_jobs"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [
        migrations.RunSQL(
            'CREATE INDEX jobs_due_first ON django_q_ormq ("key", "lock", id)',
            "DROP INDEX jobs_due_first",
        )
    ]
