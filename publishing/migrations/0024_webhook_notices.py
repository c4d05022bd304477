"""Notices of one more kind: a webhook was switched off because nothing got through."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0023_attempt_card")]

    operations = [
        migrations.RemoveConstraint(model_name="notice", name="notice_kind_is_a_word"),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in",
                     ("failed", "asked", "held", "comment", "lost", "places", "stopped", "moved",
                      "webhook", "credits"))
                ),
                name="notice_kind_is_a_word",
            ),
        ),
    ]
