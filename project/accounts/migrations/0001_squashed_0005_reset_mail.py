import django.db.models.deletion
import django.utils.timezone
import project.accounts.models
from django.conf import settings
from django.core.management import call_command
from django.db import migrations, models


def create_cache_table(apps, schema_editor):
    """So that `migrate` alone is enough. The command skips a table that is there."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("accounts", "0001_accounts"),
        ("accounts", "0002_cache_table"),
        ("accounts", "0003_notices"),
        ("accounts", "0004_founding"),
        ("accounts", "0005_reset_mail"),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Founding',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='accounts_one_founding')],
            },
        ),
        migrations.CreateModel(
            name='OutgoingMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('to', models.EmailField(max_length=320)),
                ('subject', models.CharField(max_length=255)),
                ('text', models.TextField(blank=True)),
                ('html', models.TextField(blank=True)),
                ('is_reset', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(blank=True, default=django.utils.timezone.now, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'ordering': ['-created_at'],
                'indexes': [models.Index(condition=models.Q(('sent_at', None)), fields=['next_try_at'], name='accounts_mail_due')],
            },
        ),
        migrations.CreateModel(
            name='Profile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('time_zone', models.CharField(default='UTC', max_length=64, validators=[project.accounts.models.check_time_zone])),
                ('time_zone_guessed', models.BooleanField(default=True)),
                ('notice_mail', models.CharField(choices=[('at once', 'At once, but at most every 15 minutes'), ('digest', 'Once a day, at eight in the morning'), ('never', 'Never; I look here')], default='at once', max_length=10)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='profile', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.RunPython(create_cache_table, migrations.RunPython.noop),
    ]
