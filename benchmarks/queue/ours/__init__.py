"""This project's own queue, with its default settings."""
