{# The adapter leaves one __dbt_tmp table per incremental Python model behind. #}
{% macro drop_leftover_relations() -%}
    {%- if execute -%}
        {%- set query -%}
            select schema_name || '.' || table_name
            from duckdb_tables()
            where database_name = current_database() and table_name like '%\_\_dbt\_%' escape '\'
            order by 1
        {%- endset -%}
        {%- for relation in run_query(query).columns[0].values() -%}
            {%- do run_statement('drop table if exists ' ~ relation) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
