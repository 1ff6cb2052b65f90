{# Drop what a former version of the project left under the name: other kind, other columns. #}
{% macro drop_other_shape(target) -%}
    {%- set existing = load_cached_relation(target) -%}
    {%- if existing is not none -%}
        {#- not adapter.get_columns_in_relation, which opens a transaction and leaves it open -#}
        {%- set stored = run_query(
            "select column_name from duckdb_columns() where database_name = current_database() "
            ~ "and schema_name = '" ~ target.schema ~ "' and table_name = '" ~ target.identifier
            ~ "' order by column_index"
        ).columns[0].values() | list -%}
        {%- if existing.type != target.type or (
            target.type == 'table' and stored != model.columns.keys() | list
        ) or should_full_refresh() -%}
            {%- do adapter.drop_relation(existing) -%}
            {%- do run_query(
                "delete from meta.partition_state where relation = '" ~ target.identifier ~ "'"
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
