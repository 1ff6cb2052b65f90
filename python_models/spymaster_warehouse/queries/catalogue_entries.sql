-- One row per view, table and macro of the connected database.
-- schema_name: of the entry.
-- name: of the entry.
-- kind: view, table or macro.
-- sql: the statement that creates a view or a macro; empty for a table.
select
    schema_name,
    view_name as name,
    'view' as kind,
    sql
from duckdb_views()
where not internal and database_name = current_database()
union all
select
    schema_name,
    table_name as name,
    'table' as kind,
    '' as sql
from duckdb_tables()
where not internal and database_name = current_database()
union all
select
    schema_name,
    function_name as name,
    'macro' as kind,
    'create macro ' || schema_name || '.' || function_name
    || '(' || array_to_string(parameters, ', ') || ') as '
    || if(function_type = 'table_macro', 'table ', '') || macro_definition as sql
from duckdb_functions()
where
    not internal
    and database_name = current_database()
    and function_type in ('macro', 'table_macro')
