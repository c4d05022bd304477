"""Databases of earlier releases, kept as small dumps, which today's code must upgrade and go on
with. `python -m tests.upgrading 0.3.0` writes the dump of a release, of the database that
DATABASE_URL names; each is written once, when its release is made, and never again."""
