-- One row per file of a lake that a view reads, whether it is named in full or by the lake.
-- schema_name: of the view.
-- view_name: of the view.
-- path: relative to the lake.
select
    schema_name,
    view_name,
    unnest(regexp_extract_all(
        sql,
        '''(?:[^'']*/)?((?:bronze/source=databento|silver/book_engine|silver/relations)/[^'']+)''',
        1
    )) as path
from duckdb_views()
where not internal
order by all
