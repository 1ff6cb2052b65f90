-- Columns of all relations with their types and descriptions
select
    schema_name,
    table_name,
    column_name,
    data_type,
    comment
from duckdb_columns()
where database_name = current_database() and not internal
order by schema_name, table_name, column_index;
