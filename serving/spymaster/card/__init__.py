"""The card: what a trader asks of a level, in the same words on every face."""
