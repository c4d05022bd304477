from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Row",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("status", models.CharField(default="queued", max_length=20)),
                ("text", models.TextField(default="Hello, world! Said once, heard everywhere.")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
