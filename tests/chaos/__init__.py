"""Workers killed and stopped, again and again. In the suite a few times each; `make chaos-queue`
runs the same tests with the numbers of __main__.py."""
