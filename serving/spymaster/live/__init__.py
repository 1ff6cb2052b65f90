"""Live mode: records become rows of the engines second by second, by the code of a build."""
