from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "project.feeds"
    verbose_name = "Feeds"
    jobs = ("project.feeds.tasks.read_feed", "project.feeds.tasks.start_due_feeds")
