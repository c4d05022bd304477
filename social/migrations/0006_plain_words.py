from django.conf import settings
from django.db import migrations, models

KINDS = ("paused", "credits", "outage", "rate_limit")
ACTIONS = ("add", "change", "delete", "view")


def rename_permissions(apps, schema_editor, old="closure", new="circuitbreaker", name="circuit breaker"):
    """Django renames the content type of a renamed model, and not what it is called in the
    permissions: who was given them keeps them."""
    permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    for action in ACTIONS:
        permissions.filter(content_type__app_label="social", codename=f"{action}_{old}").update(
            codename=f"{action}_{new}", name=f"Can {action} {name}"
        )


def restore_permissions(apps, schema_editor):
    rename_permissions(apps, schema_editor, "circuitbreaker", "closure", "closure")


class Migration(migrations.Migration):

    dependencies = [
        ("social", "0005_how_long_posts_may_be"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Closure → CircuitBreaker
        migrations.RemoveConstraint("closure", "closed_once_for_each_kind"),
        migrations.RemoveConstraint("closure", "closed_for_a_known_kind"),
        migrations.RemoveIndex("closure", "closed_until"),
        migrations.RenameModel("Closure", "CircuitBreaker"),
        migrations.RenameField("circuitbreaker", "bucket", "scope"),
        migrations.RenameField("circuitbreaker", "since", "tripped_at"),
        migrations.RenameField("circuitbreaker", "ended_at", "reset_at"),
        migrations.AlterModelOptions("circuitbreaker", {"ordering": ["scope", "kind"]}),
        migrations.AddConstraint(
            "circuitbreaker",
            models.UniqueConstraint(fields=["scope", "kind"], name="breaker_once_for_each_kind"),
        ),
        migrations.AddConstraint(
            "circuitbreaker",
            models.CheckConstraint(
                condition=models.Q(("kind__in", KINDS)), name="breaker_of_a_known_kind"
            ),
        ),
        migrations.AddIndex(
            "circuitbreaker",
            models.Index(
                condition=models.Q(("reset_at", None)), fields=["until"], name="breaker_until"
            ),
        ),
        migrations.RunPython(rename_permissions, restore_permissions),
        # Connection and Channel
        migrations.RenameField("connection", "missing", "missing_permissions"),
        migrations.RenameField("connection", "trouble", "blocked_reason"),
        migrations.RenameField("connection", "hitch", "last_error"),
        migrations.RenameField("connection", "looking_until", "refreshing_until"),
        migrations.RenameField("connection", "look_after", "refresh_not_before"),
        migrations.RenameField("channel", "missing", "missing_permissions"),
        migrations.RenameField("channel", "trouble", "blocked_reason"),
    ]
