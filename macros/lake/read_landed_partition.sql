{# In a partitioned model whose source names a landed file (landed_path): that of the partition. #}
{% macro read_landed_partition() -%}
    read_parquet(
        '{{ lake_root() }}/' || {{ partition_value('landed_path') }},
        hive_partitioning = true,
        hive_types = {'symbol': varchar, 'dt': date}
    )
{%- endmacro %}
