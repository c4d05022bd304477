"""Reading picture files, in a process of its own: `python -m publishing.media.decoder`.

Whatever a hostile file makes a decoder do, it does to a process that may be killed. Nothing in here
imports Django, or anything of ours outside of this package; `publishing.media.pictures` is the
other end.
"""
