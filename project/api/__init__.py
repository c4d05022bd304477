"""What programs ask: tokens, and the JSON API. Where workers look (apps, models, admin) it imports
nothing of ninja: they never load addresses."""
