"""How easily a stranger finds the way: what can be counted of that."""
