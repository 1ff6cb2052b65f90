-- One row per file that a view of the lake reads.
-- schema_name: of the view.
-- view_name: of the view.
-- path: relative to the lake.
select
    schema_name,
    view_name,
    unnest(regexp_extract_all(sql, 'lake_file\(''([^'']+)''\)', 1)) as path
from duckdb_views()
where not internal
order by all
