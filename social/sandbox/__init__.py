"""Make-believe networks in one small process.

Standard library only, and nothing of Fanfare's: `python -m social.sandbox --port 9000`.
It speaks their protocols over loopback, so that the unmodified client libraries can be
pointed at it, and it misbehaves on request, before or after it has accepted a post.
"""
