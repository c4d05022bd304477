"""Reading picture files, in a process of its own: `python -m publishing.decoder`.

Whatever a hostile file makes a decoder do, it does to a process that may be killed. Nothing in here
imports Django, or anything of ours outside of this package; `publishing.pictures` is the other end.
"""
