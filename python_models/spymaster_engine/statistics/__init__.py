"""Statistics: which past approaches were alike, what followed them, and whether that helps."""
