"""Reads back what people have on their networks; each thing is stored once."""
