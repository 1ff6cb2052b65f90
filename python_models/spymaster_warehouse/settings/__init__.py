"""The settings of a lake: the file `spymaster.toml`, and what of it dbt and the commands read."""
