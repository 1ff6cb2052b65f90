"""Hand-made cases: a module per relation, named as it is, with the tables of each case once."""
