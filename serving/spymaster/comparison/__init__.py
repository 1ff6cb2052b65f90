"""Compare the order flow of two files of market-by-order records."""
