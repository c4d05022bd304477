"""How a start is written down: lines of one width, so that counting them is looking at a size."""

LINE = "{:>10} {:>18.6f}\n"
WIDTH = len(LINE.format(0, 0))
