from django.core.management import call_command
from django.db import migrations


def create_cache_table(apps, schema_editor):
    """So that `migrate` alone is enough. The command skips a table that is there."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_accounts")]

    operations = [migrations.RunPython(create_cache_table, migrations.RunPython.noop)]
