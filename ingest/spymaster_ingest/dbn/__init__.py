"""Reading Databento Binary Encoding (DBN) so that a damaged file never passes for a whole one."""
