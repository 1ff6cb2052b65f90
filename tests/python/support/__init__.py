"""Files, markets and lakes that several tests share."""
