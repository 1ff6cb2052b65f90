{# Where the rows of the option books of the partition that is being built are put meanwhile. #}
{% macro option_books_file() -%}
    {{ lake_root() }}/.spymaster-scratch/option_books.parquet
{%- endmacro %}
