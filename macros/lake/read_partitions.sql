{#
    A relation over Parquet files whose paths carry symbol=... and dt=...; typed and empty when
    there is no file. `columns` maps the stored columns to their types.
#}
{% macro read_partitions(files, columns) -%}
    {%- if files -%}
        read_parquet(
            {{ sql_list(files) }},
            hive_partitioning = true,
            hive_types = {'symbol': varchar, 'dt': date}
        )
    {%- else -%}
        {{ empty_relation(dict(columns, symbol='varchar', dt='date')) }}
    {%- endif -%}
{%- endmacro %}
