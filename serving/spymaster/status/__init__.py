"""What a lake holds, how much of it can be used, and what a build would do."""
