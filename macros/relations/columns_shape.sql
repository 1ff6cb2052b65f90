{# Hash of described columns and their types. #}
{% macro columns_shape(columns) -%}
    {%- set parts = [] -%}
    {%- for name, column in columns.items() -%}
        {%- do parts.append(name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | join('|'))) }}
{%- endmacro %}
