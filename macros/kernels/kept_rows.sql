{#
    The rows of an output that a partitioned model keeps of its kernel (`files` of partitioned_by).
    In a view, which is there without partitions too, typed and empty then.

    - model: runs the kernel.
    - output: a relation of this name has its columns.
#}
{% macro kept_rows(model, output) -%}
    {%- set source = ref(model) -%}
    {%- set is_there = namespace(value=config.get('storage') != 'view') -%}
    {%- if execute and not is_there.value and load_relation(source) is not none -%}
        {%- set is_there.value = run_query(
            "select 1 from meta.partition_state where relation = '" ~ model ~ "' limit 1"
        ).rows | length > 0 -%}
    {%- endif -%}
    {%- if is_there.value -%}
        {{ rows_of_files(list_of_files(output)) }}
    {%- else -%}
        {{ empty_relation(dict(contract_columns(output), symbol='varchar', dt='date')) }}
    {%- endif -%}
{%- endmacro %}
