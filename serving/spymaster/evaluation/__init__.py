"""Evaluation of retrieval: from the published warehouse to relations, a report and pictures."""
