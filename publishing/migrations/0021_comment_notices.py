
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0020_placed_anew'),
        ('social', '0008_home_limits'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['state', 'finished_at'], name='comment_by_state'),
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_kind_is_a_word',
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('failed', 'asked', 'held', 'comment', 'lost', 'places', 'stopped', 'moved', 'credits'))), name='notice_kind_is_a_word'),
        ),
    ]
