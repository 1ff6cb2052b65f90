-- One row per file of a lake that a relation is made of: a view names it in its text, in full or by
-- the lake, or a list of files has it.
-- schema_name: of the view that names it or calls the list, else of the list.
-- name: of that view or list.
-- path: relative to the lake.
with views as (
    select
        schema_name,
        view_name as name,
        sql
    from duckdb_views()
    where not internal
),

lists as (
    select
        macro_definition,
        function_name,
        function_name || '(' as called
    from duckdb_functions()
    where schema_name = 'meta' and function_name like 'files\_of\_%' escape '\'
),

texts as (
    select * from views
    union all
    select
        views.schema_name,
        views.name,
        lists.macro_definition as sql
    from views
    inner join lists on contains(views.sql, lists.called)
    union all
    select
        'meta' as schema_name,
        lists.function_name as name,
        lists.macro_definition as sql
    from lists
    anti join views on contains(views.sql, lists.called)
)

select
    schema_name,
    name,
    unnest(regexp_extract_all(
        sql,
        '''(?:[^'']*/)?('
        || '(?:bronze/source=databento|silver/book_engine|(?:silver|gold|steps)/relations)/[^'']+'
        || ')''',
        1
    )) as path
from texts
order by all
