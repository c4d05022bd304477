"""System checks: what would be unsafe, said before anything runs."""
