{# None in a lake that was never built, which dbt may still compile against. #}
{% macro partition_state_columns() -%}
    {%- set query -%}
        select column_name from duckdb_columns()
        where
            database_name = current_database()
            and schema_name = 'meta'
            and table_name = 'partition_state'
    {%- endset -%}
    {{ return(run_query(query).columns[0].values()) }}
{%- endmacro %}
