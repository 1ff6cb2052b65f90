{# A text as SQL, or null. #}
{% macro sql_text_or_null(text) -%}
    {{ return('null' if text is none else "'" ~ text | replace("'", "''") ~ "'") }}
{%- endmacro %}
