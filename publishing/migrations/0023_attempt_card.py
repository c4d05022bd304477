"""The card of a link, as an attempt has sent it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0022_bulk_undo'),
    ]

    operations = [
        migrations.AddField(
            model_name='attempt',
            name='card',
            field=models.JSONField(default=dict),
        ),
    ]
