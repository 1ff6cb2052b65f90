{# The comments that the database holds of a relation: of its columns, by name. #}
{% macro held_comments(relation) -%}
    {%- set found = run_query(
        'select column_name, comment from duckdb_columns() where comment is not null and '
        ~ "database_name = current_database() and schema_name = '" ~ relation.schema
        ~ "' and table_name = '" ~ relation.identifier ~ "'"
    ) -%}
    {%- set held = {} -%}
    {%- for row in found.rows -%}
        {%- do held.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {{ return(held) }}
{%- endmacro %}
