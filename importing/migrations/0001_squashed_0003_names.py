import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("importing", "0001_initial"),
        ("importing", "0002_checks_count"),
        ("importing", "0003_names"),
    ]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('publishing', '0001_squashed_0011_verifications'),
        ('social', '0001_squashed_0006_plain_words'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Statistics',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='statistics', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('numbers', models.JSONField(default=dict)),
                ('stale_since', models.DateTimeField(blank=True, null=True)),
                ('woken_at', models.DateTimeField(blank=True, null=True)),
                ('calculated_at', models.DateTimeField(blank=True, null=True)),
                ('calculation_seconds', models.FloatField(default=0)),
            ],
            options={
                'verbose_name_plural': 'statistics',
                'indexes': [models.Index(condition=models.Q(('stale_since__isnull', False)), fields=['stale_since'], name='statistics_stale'), models.Index(fields=['calculated_at'], name='statistics_by_age')],
            },
        ),
        migrations.CreateModel(
            name='Timeline',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=10)),
                ('network_name', models.CharField(db_column='network', max_length=20)),
                ('cursor', models.JSONField(default=dict)),
                ('stored', models.PositiveIntegerField(default=0)),
                ('expected', models.PositiveIntegerField(blank=True, null=True)),
                ('visibility_note', models.CharField(blank=True, max_length=40)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('checks', models.PositiveIntegerField(default=0)),
                ('checked_on', models.DateField(blank=True, null=True)),
                ('next_import_at', models.DateTimeField(blank=True, null=True)),
                ('import_interval_seconds', models.PositiveIntegerField(default=3600)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('channel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='timelines', to='social.channel')),
                ('connection', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='timelines', to='social.connection')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='timelines', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['created_at'],
            },
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(default='queued', max_length=10)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('detail', models.TextField(blank=True)),
                ('again_at', models.DateTimeField(blank=True, null=True)),
                ('asked', models.BooleanField(default=False)),
                ('items', models.PositiveIntegerField(default=0)),
                ('added', models.PositiveIntegerField(default=0)),
                ('updated', models.PositiveIntegerField(default=0)),
                ('pages', models.PositiveIntegerField(default=0)),
                ('cost', models.DecimalField(decimal_places=4, default=0, max_digits=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('worker', models.CharField(blank=True, max_length=120)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('claims', models.PositiveIntegerField(default=0)),
                ('timeline', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='importing.timeline')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ImportedItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10)),
                ('network_name', models.CharField(db_column='network', max_length=20)),
                ('first_id', models.CharField(max_length=128)),
                ('remote_id', models.CharField(max_length=128)),
                ('text', models.TextField(blank=True)),
                ('url', models.URLField(blank=True, max_length=1000)),
                ('author_id', models.CharField(blank=True, max_length=64)),
                ('author_name', models.CharField(blank=True, max_length=200)),
                ('author_handle', models.CharField(blank=True, max_length=100)),
                ('created_at', models.DateTimeField()),
                ('likes', models.PositiveIntegerField(blank=True, null=True)),
                ('reposts', models.PositiveIntegerField(blank=True, null=True)),
                ('replies', models.PositiveIntegerField(blank=True, null=True)),
                ('views', models.PositiveBigIntegerField(blank=True, null=True)),
                ('reactions', models.PositiveIntegerField(default=0)),
                ('entities', models.JSONField(default=dict)),
                ('digest', models.BigIntegerField(default=0)),
                ('imported_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('gone_at', models.DateTimeField(blank=True, null=True)),
                ('delivery', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='imported', to='publishing.delivery')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('timeline', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='importing.timeline')),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Interest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort', models.CharField(max_length=10)),
                ('word', models.CharField(max_length=100)),
                ('weight', models.FloatField(default=0)),
                ('count', models.PositiveIntegerField(default=0)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='interests', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-weight', 'word'],
                'indexes': [models.Index(fields=['user', '-weight'], name='interest_of_user')],
                'constraints': [models.UniqueConstraint(fields=('user', 'sort', 'word'), name='interest_once')],
            },
        ),
        migrations.CreateModel(
            name='Suggestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(max_length=12)),
                ('key', models.CharField(max_length=160)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('prompt', models.CharField(blank=True, max_length=300)),
                ('text', models.TextField(blank=True)),
                ('channels', models.JSONField(default=list)),
                ('at', models.DateTimeField(blank=True, null=True)),
                ('fresh_until', models.DateTimeField(blank=True, null=True)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('dismissed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('item', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='suggestions', to='importing.importeditem')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='suggestions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='suggestion_once'), models.CheckConstraint(condition=models.Q(('kind__in', ('best', 'anniversary', 'elsewhere', 'rising', 'liked', 'interest', 'hour', 'plain'))), name='suggestion_kind_is_a_word')],
            },
        ),
        migrations.AddIndex(
            model_name='timeline',
            index=models.Index(condition=models.Q(('paused_at', None)), fields=['next_import_at'], name='timeline_due'),
        ),
        migrations.AddConstraint(
            model_name='timeline',
            constraint=models.UniqueConstraint(condition=models.Q(('channel__isnull', False)), fields=('channel', 'kind'), name='timeline_once_a_channel'),
        ),
        migrations.AddConstraint(
            model_name='timeline',
            constraint=models.UniqueConstraint(condition=models.Q(('connection__isnull', False)), fields=('connection', 'kind'), name='timeline_once_a_connection'),
        ),
        migrations.AddConstraint(
            model_name='timeline',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('post', 'like', 'friend', 'home'))), name='timeline_kind_is_a_word'),
        ),
        migrations.AddConstraint(
            model_name='timeline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel__isnull', False), ('connection', None), ('kind__in', ('post',))), models.Q(models.Q(('kind__in', ('post',)), _negated=True), ('channel', None), ('connection__isnull', False)), _connector='OR'), name='timeline_has_one_owner'),
        ),
        migrations.AddIndex(
            model_name='importrun',
            index=models.Index(fields=['timeline', '-id'], name='run_of_timeline'),
        ),
        migrations.AddIndex(
            model_name='importrun',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'running'))), fields=['lease_until'], name='run_open'),
        ),
        migrations.AddIndex(
            model_name='importrun',
            index=models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['finished_at'], name='run_ended'),
        ),
        migrations.AddConstraint(
            model_name='importrun',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('queued', 'running'))), fields=('timeline',), name='one_open_run_a_timeline'),
        ),
        migrations.AddConstraint(
            model_name='importrun',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('queued', 'running', 'finished', 'waiting', 'failed'))), name='run_state_is_a_word'),
        ),
        migrations.AddIndex(
            model_name='importeditem',
            index=models.Index(fields=['user', '-created_at', '-id'], name='item_of_user'),
        ),
        migrations.AddIndex(
            model_name='importeditem',
            index=models.Index(fields=['user', 'kind', '-created_at', '-id'], name='item_of_kind'),
        ),
        migrations.AddIndex(
            model_name='importeditem',
            index=models.Index(fields=['timeline', '-created_at', '-id'], name='item_of_timeline'),
        ),
        migrations.AddIndex(
            model_name='importeditem',
            index=models.Index(condition=models.Q(('kind', 'post')), fields=['user', '-reactions', '-id'], name='item_best'),
        ),
        migrations.AddIndex(
            model_name='importeditem',
            index=models.Index(condition=models.Q(('delivery__isnull', False)), fields=['delivery'], name='item_of_delivery'),
        ),
        migrations.AddConstraint(
            model_name='importeditem',
            constraint=models.UniqueConstraint(fields=('timeline', 'first_id'), name='item_once_a_timeline'),
        ),
        migrations.AddConstraint(
            model_name='importeditem',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('post', 'like', 'friend', 'home'))), name='item_kind_is_a_word'),
        ),
    ]
