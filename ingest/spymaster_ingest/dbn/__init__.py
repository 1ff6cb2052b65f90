"""Reading Databento Binary Encoding (DBN) so that no damaged file passes as whole."""
