"""gunicorn finds this file by itself, however it is started."""

from project.web import configuration

globals().update(configuration())
