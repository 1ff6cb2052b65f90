{# A relation over the book engine's files of one kind, named by the manifest. #}
{% macro read_engine_files(relation) -%}
    {%- set files = [] -%}
    {%- set manifest = ref('book_engine_manifest') -%}
    {%- if execute and load_relation(manifest) is not none -%}
        {%- set query -%}
            select symbol, dt, {{ relation }}_file from {{ manifest }} order by symbol, dt
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- do files.append(engine_directory(row[0], row[1]) ~ '/' ~ row[2]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ read_partitions(files, contract_columns(relation)) }}
{%- endmacro %}


{# The same of one contract-day, in a partitioned model whose source is book_engine_manifest. #}
{% macro read_engine_file(relation) -%}
    read_parquet(
        '{{ engine_directory("__partition_symbol__", "__partition_dt__") }}/'
        || {{ partition_value(relation ~ '_file') }},
        hive_partitioning = true,
        hive_types = {'symbol': varchar, 'dt': date}
    )
{%- endmacro %}


{# Where the book engine's files of a contract-day lie. #}
{% macro engine_directory(symbol, date) -%}
    {{ lake_root() }}/silver/book_engine/symbol={{ symbol }}/dt={{ date }}
{%- endmacro %}
