"""Feeds of other sites (RSS, Atom): what is new there begins a draft."""
