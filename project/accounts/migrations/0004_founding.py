import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def remember(apps, schema_editor):
    """Where somebody is already, the founding was long ago. The demo person founds nothing."""
    people = apps.get_model(settings.AUTH_USER_MODEL).objects.all()
    if settings.SANDBOX_MODE and settings.DEBUG:
        people = people.exclude(username="demo")
    if people.exists():
        apps.get_model("accounts", "Founding").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("accounts", "0003_notices"),
    ]

    operations = [
        migrations.CreateModel(
            name="Founding",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="accounts_one_founding"
                    )
                ],
            },
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="profile", name="accounts_one_founder"),
        migrations.RemoveField(model_name="profile", name="founder"),
    ]
