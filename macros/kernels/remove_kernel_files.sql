{# Remove the temporary files of the kernel of a partitioned model, if it has one. #}
{% macro remove_kernel_files() -%}
    {%- if call_of_model() -%}
        {%- do run_statement("select remove_kernel_files('" ~ kernel_folders() ~ "')") -%}
    {%- endif -%}
{%- endmacro %}
