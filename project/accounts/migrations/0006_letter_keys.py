from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_reset_mail")]

    operations = [
        migrations.AddField(
            model_name="profile",
            name="letter_keys",
            field=models.BooleanField(default=True),
        ),
    ]
