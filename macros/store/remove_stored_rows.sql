{# Remove the files of rows on their way from or to the store, which a model with a table has. #}
{% macro remove_stored_rows(storage) -%}
    {%- if storage == 'table' -%}
        {%- do run_statement(
            "select remove_kernel_files('" ~ kernel_folders() ~ "-stored')"
        ) -%}
    {%- endif -%}
{%- endmacro %}
