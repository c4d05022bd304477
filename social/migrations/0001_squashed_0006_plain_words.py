import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("social", "0001_initial"),
        ("social", "0002_what_is_closed"),
        ("social", "0003_what_is_wanted"),
        ("social", "0004_people_think_again"),
        ("social", "0005_how_long_posts_may_be"),
        ("social", "0006_plain_words"),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('network_name', models.CharField(db_column='network', max_length=20)),
                ('remote_id', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=200)),
                ('handle', models.CharField(blank=True, max_length=100)),
                ('picture_url', models.URLField(blank=True, max_length=1000)),
                ('longest', models.PositiveIntegerField(blank=True, null=True)),
                ('missing_permissions', models.JSONField(default=list)),
                ('blocked_reason', models.CharField(blank=True, max_length=40)),
                ('last_error', models.CharField(blank=True, max_length=40)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('disconnected_at', models.DateTimeField(blank=True, null=True)),
                ('access_sealed', models.TextField(blank=True)),
                ('refresh_sealed', models.TextField(blank=True)),
                ('scopes', models.JSONField(default=list)),
                ('access_expires_at', models.DateTimeField(blank=True, null=True)),
                ('renewed_at', models.DateTimeField(blank=True, null=True)),
                ('renewing_until', models.DateTimeField(blank=True, null=True)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('wanted_at', models.DateTimeField(blank=True, null=True)),
                ('refreshing_until', models.DateTimeField(blank=True, null=True)),
                ('refresh_not_before', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='connections', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['created_at'],
            },
        ),
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('network_name', models.CharField(db_column='network', max_length=20)),
                ('remote_id', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=200)),
                ('handle', models.CharField(blank=True, max_length=100)),
                ('picture_url', models.URLField(blank=True, max_length=1000)),
                ('token_sealed', models.TextField(blank=True)),
                ('missing_permissions', models.JSONField(default=list)),
                ('blocked_reason', models.CharField(blank=True, max_length=40)),
                ('chosen_at', models.DateTimeField(blank=True, null=True)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('disconnected_at', models.DateTimeField(blank=True, null=True)),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='channels', to='social.connection')),
            ],
            options={
                'ordering': ['network_name', 'name'],
            },
        ),
        migrations.CreateModel(
            name='CircuitBreaker',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=90)),
                ('kind', models.CharField(choices=[('paused', 'paused'), ('credits', 'credits'), ('outage', 'outage'), ('rate_limit', 'rate_limit')], max_length=12)),
                ('network_name', models.CharField(db_column='network', max_length=20)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('tripped_at', models.DateTimeField(blank=True, null=True)),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('reset_at', models.DateTimeField(blank=True, null=True)),
                ('times', models.PositiveSmallIntegerField(default=0)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['scope', 'kind'],
                'indexes': [models.Index(condition=models.Q(('reset_at', None)), fields=['until'], name='breaker_until')],
                'constraints': [models.UniqueConstraint(fields=('scope', 'kind'), name='breaker_once_for_each_kind'), models.CheckConstraint(condition=models.Q(('kind__in', ('paused', 'credits', 'outage', 'rate_limit'))), name='breaker_of_a_known_kind')],
            },
        ),
        migrations.AddConstraint(
            model_name='connection',
            constraint=models.UniqueConstraint(fields=('user', 'network_name', 'remote_id'), name='connection_once_a_person'),
        ),
        migrations.AddConstraint(
            model_name='connection',
            constraint=models.UniqueConstraint(condition=models.Q(('disconnected_at', None)), fields=('network_name', 'remote_id'), name='connection_belongs_to_one_person'),
        ),
        migrations.AddConstraint(
            model_name='channel',
            constraint=models.UniqueConstraint(fields=('connection', 'remote_id'), name='channel_once_a_connection'),
        ),
    ]
