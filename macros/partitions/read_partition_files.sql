{# A relation over files of partitions; typed and empty without files. #}
{% macro read_partition_files(files) -%}
    {%- if files -%}
        read_parquet(
            {{ sql_list(files) }},
            hive_partitioning = true,
            hive_types = {
                '{{ config.get("meta")["partition_by"][0] }}': varchar, 'dt': date
            }
        )
    {%- else -%}
        (
            select
                {%- for name, column in model.columns.items() %}
                cast(null as {{ column.data_type }}) as "{{ name }}"{{ "," if not loop.last }}
                {%- endfor %}
            where false
        )
    {%- endif -%}
{%- endmacro %}
