-- One row per file of a lake that a view reads: named in its text, in full or by the lake, or listed
-- by the macro of its files.
-- schema_name: of the view.
-- view_name: of the view.
-- path: relative to the lake.
with views as (
    select
        schema_name,
        view_name,
        sql
    from duckdb_views()
    where not internal
),

lists as (
    select
        macro_definition,
        function_name || '(' as called
    from duckdb_functions()
    where schema_name = 'meta' and function_name like 'files\_of\_%' escape '\'
),

texts as (
    select * from views
    union all
    select
        views.schema_name,
        views.view_name,
        lists.macro_definition as sql
    from views
    inner join lists on contains(views.sql, lists.called)
)

select
    schema_name,
    view_name,
    unnest(regexp_extract_all(
        sql,
        '''(?:[^'']*/)?('
        || '(?:bronze/source=databento|silver/book_engine|(?:silver|gold|steps)/relations)/[^'']+'
        || ')''',
        1
    )) as path
from texts
order by all
