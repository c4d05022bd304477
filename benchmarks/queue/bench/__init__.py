"""The one job that every queue here runs, and the row it is about."""
