"""Telling other programs what became of a post: webhooks, signed as standardwebhooks.com says."""
