from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_letter_keys")]

    operations = [
        migrations.AddField(
            model_name="profile",
            name="first_weekday",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Monday"), (6, "Sunday"), (5, "Saturday")], default=0
            ),
        ),
    ]
