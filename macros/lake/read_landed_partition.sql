{# In a partitioned model: the landed file that a column of the source names. #}
{% macro read_landed_partition(column) -%}
    read_parquet(
        '{{ lake_root() }}/' || {{ partition_value(column) }},
        hive_partitioning = true,
        hive_types = {'symbol': varchar, 'dt': date}
    )
{%- endmacro %}
