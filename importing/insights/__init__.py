"""What is made of imported items and sent posts: numbers, interests and suggestions."""
