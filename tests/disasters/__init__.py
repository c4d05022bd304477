"""Whoever writes meets a disaster at any moment: what they had typed two seconds before is there
again, and nothing goes out twice. `make disasters` plays many, the suite a few."""
