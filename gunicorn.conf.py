"""gunicorn finds this file by itself, however it is started."""

from project.web.server import configuration

globals().update(configuration())
