"""How long posts may be is said of each account; no home says so beside it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("social", "0007_homes")]

    operations = [migrations.RemoveField("home", "limits")]
