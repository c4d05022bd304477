import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("publishing", "0001_initial"),
        ("publishing", "0002_looking"),
        ("publishing", "0003_notices"),
        ("publishing", "0004_instances"),
        ("publishing", "0005_media"),
        ("publishing", "0006_attempt_their_time"),
        ("publishing", "0007_sweeping"),
        ("publishing", "0008_doubted"),
        ("publishing", "0009_people_think_again"),
        ("publishing", "0010_posts_of_one_account"),
        ("publishing", "0011_verifications"),
    ]

    dependencies = [
        ('social', '0001_squashed_0006_plain_words'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Instance',
            fields=[
                ('name', models.CharField(max_length=200, primary_key=True, serialize=False)),
                ('seen_at', models.DateTimeField()),
                ('beats', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Media',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', models.PositiveSmallIntegerField(default=0)),
                ('alt', models.CharField(blank=True, max_length=1000)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('mime', models.CharField(max_length=40)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('pruned_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='media', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'media',
                'ordering': ['number', 'id'],
            },
        ),
        migrations.CreateModel(
            name='MediaBytes',
            fields=[
                ('media', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='bytes', serialize=False, to='publishing.media')),
                ('original', models.BinaryField(null=True)),
                ('thumbnail', models.BinaryField(null=True)),
            ],
            options={
                'verbose_name_plural': 'media bytes',
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('text', models.TextField()),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('submit_key', models.UUIDField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('edited_at', models.DateTimeField(blank=True, null=True)),
                ('picture_count', models.PositiveSmallIntegerField(default=0)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('key', models.CharField(max_length=80)),
                ('network_name', models.CharField(blank=True, db_column='network', max_length=20)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('count', models.PositiveIntegerField(default=1)),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('dismissed_at', models.DateTimeField(blank=True, null=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('mail_at', models.DateTimeField(blank=True, null=True)),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
                ('connection', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='social.connection')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='publishing.post')),
            ],
            options={
                'ordering': ['-raised_at', '-id'],
            },
        ),
        migrations.AddField(
            model_name='media',
            name='post',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='media', to='publishing.post'),
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('network_name', models.CharField(db_column='network', max_length=20)),
                ('account', models.CharField(max_length=90)),
                ('text', models.TextField(blank=True)),
                ('state', models.CharField(default='queued', max_length=12)),
                ('waiting_for', models.CharField(blank=True, max_length=12)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('due_at', models.DateTimeField()),
                ('next_attempt_at', models.DateTimeField(blank=True, null=True)),
                ('next_verification_at', models.DateTimeField(blank=True, null=True)),
                ('doubted_since', models.DateTimeField(blank=True, null=True)),
                ('woken_at', models.DateTimeField(blank=True, null=True)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('worker', models.CharField(blank=True, max_length=120)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('claimed_id', models.CharField(blank=True, max_length=128)),
                ('remote_id', models.CharField(blank=True, max_length=128)),
                ('remote_url', models.URLField(blank=True, max_length=1000)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='social.channel')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='publishing.post')),
                ('replaced_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaces', to='publishing.post')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('remote_id', models.CharField(max_length=128)),
                ('expires_at', models.DateTimeField()),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uploads', to='publishing.delivery')),
                ('media', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uploads', to='publishing.media')),
            ],
        ),
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempt', models.PositiveIntegerField()),
                ('claimed_id', models.CharField(blank=True, max_length=128)),
                ('verified_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('server_time', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(max_length=20)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('detail', models.TextField(blank=True)),
                ('items', models.PositiveIntegerField(default=0)),
                ('candidates', models.JSONField(default=list)),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verifications', to='publishing.delivery')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('media_ids', models.JSONField(default=list)),
                ('worker', models.CharField(blank=True, max_length=120)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('server_time', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=20)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('detail', models.TextField(blank=True)),
                ('status', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('remote_id', models.CharField(blank=True, max_length=128)),
                ('remote_url', models.URLField(blank=True, max_length=1000)),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='publishing.delivery')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('delivery', 'number'), name='attempt_number_once'), models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('delivery',), name='one_open_attempt_a_delivery')],
            },
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(fields=['user', '-id'], name='post_of_user'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.UniqueConstraint(fields=('user', 'submit_key'), name='post_once_a_submit'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['user', '-raised_at'], name='notice_of_user'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('dismissed_at', None), ('read_at', None), ('resolved_at', None)), fields=['user'], name='notice_unread'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('mail_at__isnull', False)), fields=['mail_at'], name='notice_to_mail'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('resolved_at', None)), fields=['kind'], name='notice_open'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(condition=models.Q(('resolved_at', None)), fields=('user', 'key'), name='notice_once_a_cause'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('failed', 'asked', 'held', 'lost', 'places', 'stopped', 'credits'))), name='notice_kind_is_a_word'),
        ),
        migrations.AddIndex(
            model_name='media',
            index=models.Index(condition=models.Q(('post', None)), fields=['created_at'], name='media_drafts'),
        ),
        migrations.AddIndex(
            model_name='media',
            index=models.Index(condition=models.Q(('pruned_at', None)), fields=['id'], name='media_with_original'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'failed')), fields=['finished_at'], name='delivery_failed'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['next_attempt_at'], name='delivery_due'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'unconfirmed')), fields=['next_verification_at'], name='delivery_verification'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('reason', 'channel_gone')), fields=['channel'], name='delivery_stopped'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['waiting_for'], name='delivery_waits'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'sending')), fields=['state'], name='delivery_sending'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['account', 'due_at', 'id'], name='delivery_order'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('post', 'channel'), name='delivery_once_a_channel'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('remote_id', ''), _negated=True), fields=('account', 'remote_id'), name='remote_id_belongs_to_one_delivery'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'sending')), fields=('account',), name='one_sending_an_account'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('queued', 'sending', 'sent', 'unconfirmed', 'failed', 'canceled'))), name='delivery_state_is_a_word'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('waiting_for', ''), models.Q(('state', 'queued'), ('waiting_for__in', ['time', 'turn', 'backoff', 'rate_limit', 'outage', 'credits', 'reconnect', 'held', 'paused'])), models.Q(('state', 'unconfirmed'), ('waiting_for', 'person')), _connector='OR'), name='delivery_waits_for_a_word'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_verification_at__isnull', False), ('state', 'unconfirmed'), ('waiting_for', '')), models.Q(('next_verification_at', None), ('state', 'unconfirmed'), ('waiting_for', 'person')), models.Q(models.Q(('state', 'unconfirmed'), _negated=True), ('next_verification_at', None)), _connector='OR'), name='in_doubt_verifies_or_asks'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('remote_id__gt', ''), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('remote_id', '')), _connector='OR'), name='sent_means_remote_id'),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.UniqueConstraint(fields=('delivery', 'media'), name='upload_once_a_delivery'),
        ),
    ]
