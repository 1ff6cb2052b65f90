"""Live: the compiled SQL of a build, run over the last seconds of a day."""
