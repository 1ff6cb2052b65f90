"""Evaluation: are the odds of retrieval better than those of simpler rivals?

Outcomes carry the codes of ``spymaster_engine.statistics.retrieval.outcomes``; probabilities are
(n, 3) in the order of its ``CLASSES``: BREAK, REJECT, CHOP.
"""
