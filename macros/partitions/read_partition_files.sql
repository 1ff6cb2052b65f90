{#
    A relation over files of partitions, which an expression lists; typed and empty without one.
#}
{% macro read_partition_files(files) -%}
    {%- if files -%}
        read_parquet(
            {{ files }},
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
