{# The SQL with the values of one partition. #}
{% macro fill_partition(sql, values) -%}
    {%- set filled = namespace(sql=sql) -%}
    {%- for column, value in values.items() -%}
        {%- set filled.sql = filled.sql
            | replace('__partition_' ~ column ~ '__', value | string | replace("'", "''")) -%}
    {%- endfor -%}
    {{ return(filled.sql) }}
{%- endmacro %}
