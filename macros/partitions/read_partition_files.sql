{# A relation over the files of the recorded partitions; typed and empty when there is none. #}
{% macro read_partition_files() -%}
    {%- set query -%}
        select
            format(
                '{{ partition_directory() }}/symbol={}/dt={}/{{ this.identifier }}-{}.parquet',
                symbol, strftime(dt, '%Y-%m-%d'), left(md5(input_fingerprint || model_checksum), 16)
            )
        from meta.partition_state
        where relation = '{{ this.identifier }}'
        order by symbol, dt
    {%- endset -%}
    {%- set files = run_query(query).columns[0].values() -%}
    {%- if files -%}
        read_parquet(
            {{ sql_list(files) }},
            hive_partitioning = true,
            hive_types = {'symbol': varchar, 'dt': date}
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
