"""What somebody is writing, and what it said before; a picture may be a draft's."""


import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0013_longer_ids'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('fields', models.JSONField(blank=True, default=dict)),
                ('excerpt', models.CharField(blank=True, max_length=100)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('post_revision', models.CharField(blank=True, max_length=40)),
                ('planned_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('versioned_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('trashed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-changed_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='DraftVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveIntegerField()),
                ('fields', models.JSONField(default=dict)),
                ('saved_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.RemoveIndex(
            model_name='media',
            name='media_drafts',
        ),
        migrations.AddField(
            model_name='draft',
            name='post',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='working_copies', to='publishing.post'),
        ),
        migrations.AddField(
            model_name='draft',
            name='published_as',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='publishing.post'),
        ),
        migrations.AddField(
            model_name='draft',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='media',
            name='draft',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='media', to='publishing.draft'),
        ),
        migrations.AddIndex(
            model_name='media',
            index=models.Index(condition=models.Q(('draft', None), ('post', None)), fields=['created_at'], name='media_unused'),
        ),
        migrations.AddField(
            model_name='draftversion',
            name='draft',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='publishing.draft'),
        ),
        migrations.AddIndex(
            model_name='draft',
            index=models.Index(condition=models.Q(('published_as', None), ('trashed_at', None)), fields=['user', '-changed_at', '-id'], name='draft_live'),
        ),
        migrations.AddIndex(
            model_name='draft',
            index=models.Index(condition=models.Q(('published_as', None), ('trashed_at__isnull', False)), fields=['trashed_at'], name='draft_trashed'),
        ),
        migrations.AddIndex(
            model_name='draft',
            index=models.Index(condition=models.Q(('published_as__isnull', False)), fields=['changed_at'], name='draft_published'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(fields=('user', 'public_id'), name='draft_once_a_user'),
        ),
        migrations.AddIndex(
            model_name='draftversion',
            index=models.Index(fields=['created_at'], name='draft_version_age'),
        ),
    ]
