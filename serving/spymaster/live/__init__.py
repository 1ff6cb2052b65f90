"""Live mode: records become rows second by second, by the code and the SQL of a build."""
