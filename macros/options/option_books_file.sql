{# Temporary file of the option book rows of the partition being built. #}
{% macro option_books_file() -%}
    {{ lake_root() }}/.spymaster-scratch/option_books.parquet
{%- endmacro %}
