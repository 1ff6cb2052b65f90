{# False in a lake that was never built, which dbt may still compile against. #}
{% macro has_partition_state() -%}
    {%- set query -%}
        select count(*) from duckdb_tables()
        where
            database_name = current_database()
            and schema_name = 'meta'
            and table_name = 'partition_state'
    {%- endset -%}
    {{ return(run_query(query).columns[0].values()[0] > 0) }}
{%- endmacro %}
