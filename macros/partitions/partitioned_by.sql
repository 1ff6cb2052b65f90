{#
    First line of a partitioned model: it has the partitions of its source, one per owner (a
    contract or a root) and date, and builds those whose inputs or code changed.

    - source: the relation whose partitions it follows: a partitioned one, or one with a column
      input_fingerprint and one row per partition, whose columns partition_value() gives.
    - inputs: further relations whose versions count, by name, of a contract-day those of its root
      too; the partition waits until they have it. `relation.column` takes another column than
      input_fingerprint.
    - optional: the same, which need not have the partition.
    - contents: seeds and small tables of which every row counts.
    - partition_by: the owner's column and the date's.
    - storage: parquet, a file per partition; table, rows of a table; view, a formula over
      partitioned relations, of which only the versions are kept.
    - every_day: builds what the vars do not select too.

    Vars and macros count without being named: they are in the compiled code.
#}
{% macro partitioned_by(
    source,
    inputs=[],
    optional=[],
    contents=[],
    partition_by=['symbol', 'dt'],
    storage='parquet',
    every_day=false
) -%}
    {%- if partition_by not in [['symbol', 'dt'], ['root', 'dt']] -%}
        {{ exceptions.raise_compiler_error(
            'partition_by is [symbol, dt] or [root, dt], not ' ~ partition_by
        ) }}
    {%- endif -%}
    {%- if not execute -%}
        {#- dbt learns here what the model refers to -#}
        {%- for name in [source] + inputs + optional + contents -%}
            {%- do ref(name.split('.')[0]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ config(materialized='partitioned', storage=storage, meta={
        'partition_source': source,
        'partition_inputs': inputs,
        'partition_optional_inputs': optional,
        'partition_contents': contents,
        'partition_by': partition_by,
        'partition_every_day': every_day or storage == 'view',
    }) }}
{%- endmacro %}
