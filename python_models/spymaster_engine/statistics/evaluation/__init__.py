"""Evaluation: are the odds of retrieval worth more than those of simpler rivals.

Outcomes carry the codes of ``spymaster_engine.statistics.retrieval.outcomes``; probabilities are
(n, 3) in the order of its ``CLASSES``: BREAK, REJECT, CHOP.
"""
