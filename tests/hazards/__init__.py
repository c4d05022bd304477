"""Jobs that do what no job should: an app for the tests of the workers, with its own settings."""
