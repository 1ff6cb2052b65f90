{#
    Remove the files of rows on their way from or to the store, which a model with a table has,
    unless workers read them.
#}
{% macro remove_stored_rows(storage) -%}
    {%- if storage == 'table' and not has_workers() -%}
        {%- do run_statement("select remove_kernel_files('" ~ folder_of_stored_rows() ~ "')") -%}
    {%- endif -%}
{%- endmacro %}
