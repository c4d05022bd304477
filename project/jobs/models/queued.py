"""The queue's rows and its pauses, for people and their pages. Workers use plain SQL on the same
table (queueing.py, claiming.py)."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class QueuedJob(models.Model):
    """A row of django-q2's queue table, with the columns that our migration adds to it."""

    key = models.CharField("queue", max_length=100)
    payload = models.TextField()
    lock = models.DateTimeField("due, or held until", null=True)
    priority = models.SmallIntegerField(default=0)  # higher comes first
    owner = models.CharField(max_length=100, default="", blank=True)  # for whom: the job's group
    network = models.CharField(max_length=20, default="", blank=True)
    func = models.CharField("job", max_length=256, default="", blank=True)
    argument = models.CharField(max_length=200, default="", blank=True)
    job = models.CharField("id", max_length=32, default="", blank=True)
    turn = models.BigIntegerField(null=True)  # its place in line; none: asleep until `lock`
    starts = models.IntegerField(default=0)  # those that ended with their worker
    holder = models.CharField(max_length=120, default="", blank=True)  # the worker that has it

    class Meta:
        managed = False
        db_table = "django_q_ormq"
        ordering = ["key", "-priority", "turn", "lock", "id"]

    def __str__(self) -> str:
        return f"{self.func}({self.argument})"


class PausedQueue(models.Model):
    """Its jobs stay where they are until a person takes this away."""

    queue = models.CharField(max_length=100, primary_key=True)
    since = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.queue}, paused {self.since:%Y-%m-%d %H:%M}"
