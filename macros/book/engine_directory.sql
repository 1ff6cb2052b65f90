{# Where the book engine's files of a contract-day lie. #}
{% macro engine_directory(symbol, date) -%}
    {{ lake_root() }}/silver/book_engine/symbol={{ symbol }}/dt={{ date }}
{%- endmacro %}
