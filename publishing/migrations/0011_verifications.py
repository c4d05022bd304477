"""Look is Verification, and the columns that it and others had from it: rows, indexes and
permissions are kept."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

PERMISSIONS = ("add", "change", "delete", "view")


def rename_permissions(old: str, new: str, apps, schema_editor) -> None:
    """Those that somebody has been given go on under the model's new name."""
    permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(
        schema_editor.connection.alias
    )
    kind = content_types.filter(app_label="publishing", model__in=[old, new])
    for action in PERMISSIONS:
        permissions.filter(content_type__in=kind, codename=f"{action}_{old}").update(
            codename=f"{action}_{new}", name=f"Can {action} {new}"
        )


def forwards(apps, schema_editor) -> None:
    rename_permissions("look", "verification", apps, schema_editor)


def backwards(apps, schema_editor) -> None:
    rename_permissions("verification", "look", apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0010_posts_of_one_account"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        # What names a column goes before the column has its new name, and comes back after.
        migrations.RemoveConstraint(model_name="delivery", name="in_doubt_looks_or_asks"),
        migrations.RemoveIndex(model_name="delivery", name="delivery_look"),
        migrations.RenameField(
            model_name="delivery", old_name="next_look_at", new_name="next_verification_at"
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["next_verification_at"],
                condition=Q(state="unconfirmed"),
                name="delivery_verification",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=Q(
                    state="unconfirmed", waiting_for="", next_verification_at__isnull=False
                )
                | Q(state="unconfirmed", waiting_for="person", next_verification_at=None)
                | (~Q(state="unconfirmed") & Q(next_verification_at=None)),
                name="in_doubt_verifies_or_asks",
            ),
        ),
        migrations.RenameField(
            model_name="attempt", old_name="their_time", new_name="server_time"
        ),
        migrations.RenameModel(old_name="Look", new_name="Verification"),
        migrations.RenameField(
            model_name="verification", old_name="looked_at", new_name="verified_at"
        ),
        migrations.RenameField(
            model_name="verification", old_name="their_time", new_name="server_time"
        ),
        migrations.AlterField(
            model_name="verification",
            name="delivery",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="verifications",
                to="publishing.delivery",
            ),
        ),
        migrations.RunPython(forwards, backwards, elidable=True),
    ]
