"""What a network is told of a post besides its words, and by which key it knows the same request."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0011_verifications'),
    ]

    operations = [
        migrations.AddField(
            model_name='attempt',
            name='extras',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='attempt',
            name='first_started_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='attempt',
            name='key',
            field=models.CharField(blank=True, max_length=128),
        ),
        migrations.AddField(
            model_name='attempt',
            name='media_details',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='delivery',
            name='extras',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='delivery',
            name='is_repeat',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='upload',
            name='about',
            field=models.JSONField(default=dict),
        ),
    ]
