{# In a model that runs a kernel: the rows of one of its outputs. #}
{% macro kernel_output(table) -%}
    read_parquet('{{ kernel_folder() }}/{{ table }}.parquet')
{%- endmacro %}
