from django.db import models


class Row(models.Model):
    """What the job is about. As wide as a small delivery."""

    status = models.CharField(max_length=20, default="queued")
    text = models.TextField(default="Hello, world! Said once, heard everywhere.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"
