{# The SQL with the values of one partition; without values, for a look at its columns. #}
{% macro fill_partition(sql, values) -%}
    {%- set filled = namespace(sql=sql) -%}
    {%- for column, value in values.items() -%}
        {%- set filled.sql = filled.sql
            | replace('__partition_' ~ column ~ '__', value | string | replace("'", "''")) -%}
    {%- endfor -%}
    {{ return(filled.sql | replace('__partition_dt__', '1970-01-01')) }}
{%- endmacro %}
