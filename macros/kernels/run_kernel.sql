{#
    Run the kernel of a partitioned model, if it has one, for the values of a partition. Without
    values, its files have columns and no rows.
#}
{% macro run_kernel(values=none) -%}
    {%- if (config.get('meta') or {}).get('kernel') -%}
        {%- set call = kernel_call() -%}
        {%- if values is none -%}
            {%- set call = modules.re.sub(
                "'__partition_[a-z0-9_]+__'", 'null',
                fill_partition(call, {'dt': '1970-01-01'})
            ) -%}
        {%- else -%}
            {%- set call = fill_partition(call, values) -%}
        {%- endif -%}
        {%- do run_query(call) -%}
    {%- endif -%}
{%- endmacro %}
