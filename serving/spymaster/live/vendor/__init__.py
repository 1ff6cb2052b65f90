"""The vendor's live service as a feed whose gaps are closed."""
