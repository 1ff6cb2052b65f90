{#
    The rows of an output that a partitioned model keeps of its kernel (`files` of partitioned_by):
    of the partition being built, or of all in a view, typed and empty without one.

    - model: runs the kernel.
    - output: a relation of this name has its columns.
#}
{% macro kept_rows(model, output) -%}
    {%- do ref(model) -%}
    {%- set files = list_of_files(output) -%}
    {%- if config.get('storage') != 'view' -%}
        {#- other days may have other columns -#}
        {%- set day = "'symbol=__partition_symbol__/dt=__partition_dt__/'" -%}
        {{ rows_of_files('list_filter(' ~ files ~ ', file -> contains(file, ' ~ day ~ '))') }}
    {%- elif execute and run_query(
        "select 1 from duckdb_functions() where schema_name = 'meta' and function_name = '"
        ~ 'files_of_' ~ output ~ "' and contains(macro_definition, '.parquet')"
    ).rows -%}
        {{ rows_of_files(files) }}
    {%- else -%}
        {{ empty_relation(dict(contract_columns(output), symbol='varchar', dt='date')) }}
    {%- endif -%}
{%- endmacro %}
