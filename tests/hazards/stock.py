"""django-q2's own `qcluster`, on our settings and our broker: `python -m tests.hazards.stock`. Its
clusters serve one queue each."""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.hazards.stock_settings"

if __name__ == "__main__":
    import django

    django.setup()
    from django_q.management.commands.qcluster import Command

    sys.exit(Command().run_from_argv(["stock", "qcluster"]))
