{# Remove the records that fetch_records has fetched, and its views. #}
{% macro remove_records(records) -%}
    {%- for name in (records or {}).get('drops', []) -%}
        {%- do run_statement('drop view ' ~ name) -%}
    {%- endfor -%}
    {%- if records and records['folder'] -%}
        {%- do run_statement("select remove_records('" ~ records['folder'] ~ "')") -%}
    {%- endif -%}
{%- endmacro %}
