{#
    First line of a partitioned model: it has the partitions of its source, one per owner (a
    contract or a root) and date, and builds those whose inputs or code changed.

    - source: the relation whose partitions it follows: a partitioned one, or one with a column
      input_fingerprint and one row per partition, whose columns partition_value() gives.
      `relation.column` names a column other than input_fingerprint; a row in which it is NULL is no
      partition.
    - inputs: further relations whose versions count, named likewise; a contract-day also reads
      partitions of its root. The partition waits for all inputs.
    - optional: inputs that may lack the partition.
    - contents: seeds and small tables of which every row counts.
    - partition_by: the owner's column and the date's.
    - storage: parquet, a file per partition; table, rows of a table; view, a formula over
      partitioned relations, with stored versions only.
    - kernel: a macro with the call of the kernel that runs before the query of each partition; the
      query reads what it wrote by kernel_output().
    - files: outputs of the kernel that stay as files of the partition, with a table; readers get
      their rows by kept_rows().
    - every_day: also builds partitions that the vars do not select.

    Vars and macros need no declaration: they are in the compiled code.
#}
{% macro partitioned_by(
    source,
    inputs=[],
    optional=[],
    contents=[],
    partition_by=['symbol', 'dt'],
    storage='parquet',
    kernel=none,
    files=[],
    every_day=false
) -%}
    {%- if partition_by not in [['symbol', 'dt'], ['root', 'dt']] -%}
        {{ exceptions.raise_compiler_error(
            'partition_by is [symbol, dt] or [root, dt], not ' ~ partition_by
        ) }}
    {%- endif -%}
    {%- if files and storage != 'table' -%}
        {{ exceptions.raise_compiler_error('files of a kernel stay beside rows of a table') }}
    {%- endif -%}
    {%- if not execute -%}
        {#- these refs tell dbt the inputs of the model -#}
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
        'kernel': kernel,
        'partition_files': files,
        'partition_every_day': every_day or storage == 'view',
    }) }}
{%- endmacro %}
