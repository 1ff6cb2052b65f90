{#
    Raise when the query of a partitioned model has other columns than its contract; `values` are of
    a partition. The query may read what a kernel writes.
#}
{% macro check_columns(values) -%}
    {%- set query = fill_partition(sql, values) -%}
    {%- if call_of_model() -%}
        {%- set folder = fill_partition(kernel_folder(), {'dt': '1970-01-01'}) -%}
        {%- do run_kernel() -%}
        {%- set query = query | replace(fill_partition(kernel_folder(), values), folder) -%}
    {%- endif -%}
    {%- do get_assert_columns_equivalent(query) -%}
    {%- if call_of_model() -%}
        {#- not those of all partitions: workers write theirs -#}
        {%- do run_statement("select remove_kernel_files('" ~ folder ~ "')") -%}
    {%- endif -%}
{%- endmacro %}
