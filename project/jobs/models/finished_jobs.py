"""Jobs that ended, in django-q2's table but without its pickles, and how many were forgotten."""

from collections import Counter
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Count

ROWS_PER_DELETE = 1_000  # no statement holds the database for long
DELETES_PER_QUEUE = 200  # in one go: the job that does it has to end some time


class FinishedJobQuerySet(models.QuerySet["FinishedJob"]):
    def succeeded(self) -> "FinishedJobQuerySet":
        return self.filter(success=True)

    def forget_all_but(self, kept: int) -> None:
        """The newest successes stay; failures wait for a person."""
        newest = self.succeeded().order_by("-stopped").values_list("stopped", flat=True)
        # By time, not by key: a job that ends meanwhile must not be forgotten at once.
        for last_kept in newest[kept - 1 : kept]:
            older = self.succeeded().filter(stopped__lt=last_kept)
            for queue in list(older.order_by().values_list("queue", flat=True).distinct()):
                older.filter(queue=queue).forget()

    def forget(self) -> None:
        for _ in range(DELETES_PER_QUEUE):
            keys = list(self.order_by("stopped").values_list("pk", flat=True)[:ROWS_PER_DELETE])
            if not keys:
                return
            with transaction.atomic():
                ForgottenJobs.objects.add(delete_rows(keys))

    def totals(self) -> dict[tuple[str, bool], int]:
        """How many jobs of a queue ever ended so; it only grows."""
        rows = ForgottenJobs.objects.values_list("queue", "success", "jobs")
        totals = Counter({(queue, success): jobs for queue, success, jobs in rows})
        here = self.order_by().values_list("queue", "success").annotate(n=Count("*"))
        for queue, success, jobs in here:
            totals[queue or "", success] += jobs
        return dict(totals)


class FinishedJob(models.Model):
    """A row of django-q2's task table, with the columns that our migration adds to it."""

    id = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=100)
    func = models.CharField("job", max_length=256)
    argument = models.CharField(max_length=200, default="")
    owner = models.CharField(max_length=100, null=True, db_column="group")  # noqa: DJ001
    queue = models.CharField(max_length=100, null=True, db_column="cluster")  # noqa: DJ001
    worker = models.CharField(max_length=120, default="")
    started = models.DateTimeField()
    stopped = models.DateTimeField("ended")
    success = models.BooleanField(default=True)
    attempt_count = models.IntegerField("starts", default=0)

    objects = FinishedJobQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "django_q_task"
        ordering = ["-stopped"]

    def __str__(self) -> str:
        return f"{self.func}({self.argument})"

    @property
    def seconds(self) -> float:
        return (self.stopped - self.started).total_seconds()


class ForgottenJobsQuerySet(models.QuerySet["ForgottenJobs"]):
    def add(self, ended: "Counter[tuple[str, bool]]") -> None:
        """In a fixed order, because two that add in another order wait for each other."""
        for (queue, success), jobs in sorted(ended.items()):
            with connection.cursor() as cursor:
                cursor.execute(
                    """INSERT INTO jobs_forgottenjobs (queue, success, jobs) VALUES (%s, %s, %s)
                    ON CONFLICT (queue, success)
                    DO UPDATE SET jobs = jobs_forgottenjobs.jobs + excluded.jobs""",
                    [queue, success, jobs],
                )


class ForgottenJobs(models.Model):
    """How many finished jobs were forgotten, so that what is counted for ever never shrinks."""

    queue = models.CharField(max_length=100)
    success = models.BooleanField()
    jobs = models.BigIntegerField()

    objects = ForgottenJobsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "success"], name="jobs_one_tally"),
        ]

    def __str__(self) -> str:
        return f"{self.queue}: {self.jobs}"


def delete_rows(keys: list[Any]) -> "Counter[tuple[str, bool]]":
    """Of what was still there: how many of which queue had ended how."""
    marks = ",".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM django_q_task WHERE id IN ({marks}) RETURNING cluster, success",  # noqa: S608
            keys,
        )
        return Counter((queue or "", bool(success)) for queue, success in cursor.fetchall())
