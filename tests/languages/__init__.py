"""A language made at test time: each message that is marked for translation, in brackets. What a
page shows outside of them is not marked."""
