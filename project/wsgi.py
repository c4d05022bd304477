"""The web process: `gunicorn project.wsgi`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from .variables import one_line
from .web.chunked_bodies import ChunkedBodies
from .web.mounting import Mounted

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
with one_line():
    application = Mounted(ChunkedBodies(get_wsgi_application()), settings.PUBLIC_PATH)
