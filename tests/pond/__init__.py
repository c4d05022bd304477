"""A third network, in memory, that nothing but its own folder knows."""
