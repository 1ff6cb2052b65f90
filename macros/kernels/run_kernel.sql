{#
    Run the kernel of a partitioned model, if it has one, for the values of a partition. Without
    values, its files have columns and no rows.
#}
{% macro run_kernel(values=none) -%}
    {%- set call = call_of_model() -%}
    {%- if call and values is none -%}
        {%- do run_query(modules.re.sub(
            "'__partition_[a-z0-9_]+__'", 'null', fill_partition(call, {'dt': '1970-01-01'})
        )) -%}
    {%- elif call -%}
        {%- do run_query(fill_partition(call, values)) -%}
    {%- endif -%}
{%- endmacro %}
