"""Options that skip slow parts of a dbt build that no test reads."""

# the log, and unit tests, which read no lake: the demonstration runs them
ENVIRONMENT = {"DBT_LOG_LEVEL_FILE": "none", "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test"}
# names the folder through which processes share the parsed project
PARSED_FOLDER = "SPYMASTER_TESTS_PARSED"
