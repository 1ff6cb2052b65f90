"""What takes seconds of every build of dbt and no test reads, left out."""

# the log of all it does, and unit tests, which look at no lake: the demonstration runs them
ENVIRONMENT = {"DBT_LOG_LEVEL_FILE": "none", "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test"}
# names the folder through which processes share the parsed project
PARSED_FOLDER = "SPYMASTER_TESTS_PARSED"
