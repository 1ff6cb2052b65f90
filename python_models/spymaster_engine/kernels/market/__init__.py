"""The ten best prices of each side, second by second, and what is averaged over time of them."""
