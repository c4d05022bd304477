"""Reads back what people have on their networks. The room is reserved; nothing lives here yet."""
