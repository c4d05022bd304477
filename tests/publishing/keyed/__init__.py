"""A network that knows a request by its key, in a folder, so that another process sees it too."""
