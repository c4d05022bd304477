"""Our app at a server that asks people on a page of its own, and what more an account may."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("social", "0008_home_limits")]

    operations = [
        migrations.AddField("home", "client_id", models.CharField(blank=True, max_length=255)),
        migrations.AddField("home", "client_secret_sealed", models.TextField(blank=True)),
        migrations.AddField(
            "home", "client_callback", models.CharField(blank=True, max_length=500)
        ),
        migrations.AddField("connection", "limits", models.JSONField(default=dict)),
    ]
