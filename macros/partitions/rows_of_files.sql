{# A relation over files of partitions, which an expression lists; `owner` is a column of paths. #}
{% macro rows_of_files(files, owner='symbol') -%}
    read_parquet(
        {{ files }},
        hive_partitioning = true,
        hive_types = {'{{ owner }}': varchar, 'dt': date}
    )
{%- endmacro %}
