"""What stands between a browser and the pages: the server, proxies, hosts, caches, errors."""
