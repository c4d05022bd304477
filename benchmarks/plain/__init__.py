"""What posting is measured against: the same middleware, login and form, the same rows of posts and
deliveries, and nothing queued."""
