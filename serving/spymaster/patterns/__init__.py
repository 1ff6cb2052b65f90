"""What the book shows before price moves, in words and pictures."""
