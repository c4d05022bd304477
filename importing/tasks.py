"""What workers do for this room: each job takes one id and calls one method of its row."""
