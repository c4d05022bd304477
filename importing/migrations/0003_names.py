"""Names that say what the columns hold; and nobody writes down which suggestion was shown last."""

from django.db import migrations

GAP_NAMES = {
    "mark": "page_token",
    "size": "page_size",
    "landmark": "cycle_guard",
    "idle": "empty_pages",
    "again": "token_lost",
    "seen": "top_ids",
}
ROWS_AT_A_TIME = 500


def rename_in_gap(gap, names):
    return {names.get(name, name): value for name, value in gap.items()}


def rename_in_cursors(apps, names):
    """Rename within what timelines that are being read have stored about how far that is."""
    Timeline = apps.get_model("importing", "Timeline")
    changed = []
    for timeline in Timeline.objects.only("cursor").iterator(chunk_size=ROWS_AT_A_TIME):
        cursor = dict(timeline.cursor)
        if cursor.get("gaps"):
            cursor["gaps"] = [rename_in_gap(gap, names) for gap in cursor["gaps"]]
        if "reading" in cursor:
            cursor["reading"] = rename_in_gap(cursor["reading"], names)
        if cursor != timeline.cursor:
            timeline.cursor = cursor
            changed.append(timeline)
    Timeline.objects.bulk_update(changed, ["cursor"], batch_size=ROWS_AT_A_TIME)


def forwards(apps, schema_editor):
    rename_in_cursors(apps, GAP_NAMES)


def backwards(apps, schema_editor):
    rename_in_cursors(apps, {new: old for old, new in GAP_NAMES.items()})


class Migration(migrations.Migration):
    dependencies = [
        ("importing", "0002_checks_count"),
    ]

    operations = [
        migrations.RenameField("timeline", "withheld", "visibility_note"),
        migrations.RenameField("timeline", "interval", "import_interval_seconds"),
        migrations.RenameField("importrun", "taken", "claims"),
        migrations.RenameField("statistics", "took", "calculation_seconds"),
        migrations.RemoveField("suggestion", "shown_at"),
        migrations.RunPython(forwards, backwards),
    ]
