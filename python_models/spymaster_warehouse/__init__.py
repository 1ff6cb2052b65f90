"""Building the warehouse with dbt and publishing the copy that analysts open."""
