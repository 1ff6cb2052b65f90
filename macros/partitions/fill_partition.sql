{# The SQL with the values of one partition; a value that is missing is NULL. #}
{% macro fill_partition(sql, values) -%}
    {%- set filled = namespace(sql=sql) -%}
    {%- for column, value in values.items() -%}
        {%- set name = '__partition_' ~ column ~ '__' -%}
        {%- set filled.sql = filled.sql | replace("'" ~ name ~ "'", 'null') if value is none
            else filled.sql | replace(name, value | string | replace("'", "''")) -%}
    {%- endfor -%}
    {{ return(filled.sql) }}
{%- endmacro %}
