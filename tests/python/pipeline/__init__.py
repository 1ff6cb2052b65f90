"""Tests of the pipeline as a whole: land, build, publish, read."""
