"""Several machines on one database: as network namespaces, or only by their host names."""
