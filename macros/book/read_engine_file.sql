{# The same of one contract-day, in a partitioned model whose source is book_engine_manifest. #}
{% macro read_engine_file(relation) -%}
    read_parquet(
        '{{ engine_directory("__partition_symbol__", "__partition_dt__") }}/'
        || {{ partition_value(relation ~ '_file') }},
        hive_partitioning = true,
        hive_types = {'symbol': varchar, 'dt': date}
    )
{%- endmacro %}
