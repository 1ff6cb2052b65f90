{# SQL of a partition that reads its fetched records, see fetch_records; as it is without any. #}
{% macro with_records(sql, records) -%}
    {%- set moved = namespace(sql=sql) -%}
    {%- for text, other in (records or {}).get('replaced', []) -%}
        {%- set moved.sql = moved.sql | replace(text, other) -%}
    {%- endfor -%}
    {{ return(moved.sql) }}
{%- endmacro %}
