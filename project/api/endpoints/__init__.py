"""Every address of the API: each is one call of what the pages call."""
