"""The icons of an installed Fanfare; `python -m tests.icons` draws them from the logo."""

# (file, pixels, whether a launcher may cut its edges)
ICONS = [
    ("icon-192.png", 192, False),
    ("icon-512.png", 512, False),
    ("icon-maskable-512.png", 512, True),
]
