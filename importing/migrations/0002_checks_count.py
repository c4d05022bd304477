from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("importing", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="timeline",
            name="checked_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="timeline",
            name="checks",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
