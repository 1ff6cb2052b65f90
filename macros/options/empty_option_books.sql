{# Statement that makes a file of option books without rows, from which columns are known. #}
{% macro empty_option_books() -%}
    select write_option_books(null, 0, '{{ option_books_file() }}')
{%- endmacro %}
