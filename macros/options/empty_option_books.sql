{# Statement that writes an empty file of option books, which gives the columns. #}
{% macro empty_option_books() -%}
    select write_option_books(null, 0, '{{ option_books_file() }}')
{%- endmacro %}
