"""How timelines are read from the networks, stored, and shown."""
