{# Where the rows of the option books of the partition that is being built are put meanwhile. #}
{% macro option_books_file() -%}
    {{ lake_root() }}/tmp/option_books.parquet
{%- endmacro %}
