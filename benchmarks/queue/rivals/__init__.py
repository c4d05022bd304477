"""The other queues, each in a fresh project of its own: same row, same job, same database."""
