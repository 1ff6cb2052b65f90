{# Statement that removes the file of option books. #}
{% macro remove_option_books() -%}
    select remove_file('{{ option_books_file() }}')
{%- endmacro %}
