{# A relation with the columns of the model being built, without rows. #}
{% macro no_rows() -%}
    {%- set columns = {} -%}
    {%- for name, column in model.columns.items() -%}
        {%- do columns.update({name: column.data_type}) -%}
    {%- endfor -%}
    {{ empty_relation(columns) }}
{%- endmacro %}
