"""What tests share: files, markets and lakes that several make use of."""
