from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_founding")]

    operations = [
        migrations.AddField(
            model_name="outgoingmail",
            name="is_reset",
            field=models.BooleanField(default=False),
        ),
    ]
