"""Two markets side by side: how orders come, rest and go in files of market-by-order records."""
