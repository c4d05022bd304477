"""The web process: `gunicorn project.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from social.networks.counting import rules

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
application = get_wsgi_application()
rules()  # nobody's first word waits for them
