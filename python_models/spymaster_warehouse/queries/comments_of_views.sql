-- One row per comment on a view or a column of one.
-- schema_name: of the view.
-- view_name: of the view.
-- column_name: NULL for the view's own.
-- comment: its text.
with views as (
    select
        schema_name,
        view_name,
        comment
    from duckdb_views()
    where not internal
)

select
    schema_name,
    view_name,
    null as column_name,
    comment
from views
where comment is not null
union all
select
    columns.schema_name,
    columns.table_name,
    columns.column_name,
    columns.comment
from duckdb_columns() as columns
semi join views
    on columns.schema_name = views.schema_name and columns.table_name = views.view_name
where columns.comment is not null
