"""Messages of a live run: their payloads, what carries them, and who takes them."""
