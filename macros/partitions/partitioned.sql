{#
    Materialization for partitioned_by(): builds one partition at a time, which bounds memory. The
    model's SQL names its partition through in_partition() and partition_value().

    - parquet: one file per partition, written atomically and named by a hash of its inputs, and a
      view over the files, which a macro lists: a new file changes the macro, not the view;
    - table: rows of a table, replaced in one transaction per partition, beside the outputs of its
      kernel that stay as files;
    - view: dbt's view, with the versions of its partitions.

    config `prepare` names a macro whose statement runs before each partition, after the model's
    kernel (see macros/kernels). Hooks run only around a build of partitions. Without partitions to
    build nothing is written. A partition whose records the kernel refuses fails the build, after
    all others are built.

    Workers make the partitions where there are some, see macros/jobs. What the store has of them is
    taken from there, see macros/store. A killed build resumes at the first unrecorded partition.
#}
{% materialization partitioned, adapter='duckdb' %}
    {%- set storage = config.require('storage') -%}
    {%- set target = this.incorporate(type='table' if storage == 'table' else 'view') -%}
    {%- set state = relation_state(
        this.identifier,
        {'wanted': view_made_of(sql, model.depends_on.nodes)} if storage == 'view' else {}
    ) -%}
    {%- if (config.get('meta') or {}).get('more_columns') -%}
        {#- also where there is no partition to build, of which the query would say the columns -#}
        {%- do complete_columns(state) -%}
    {%- endif -%}
    {%- do drop_other_shape(target, state) -%}
    {%- do record_kernel_call() -%}

    {%- set steps = partition_steps() -%}
    {%- do forget_partitions(steps['forget'], storage) -%}
    {%- if steps['build'] -%}
        {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {%- endif -%}
    {#- code that made a partition before has the described columns -#}
    {%- set checked = steps['keep'] | map(attribute='partition_checksum') | list -%}
    {%- if are_for_workers(steps['build'], storage) -%}
        {%- set refused = build_by_workers(steps['build'], storage, steps, state, checked) -%}
    {%- else -%}
        {%- set left = take_from_store(steps, storage, state) -%}
        {%- set refused = build_here(left, storage, steps, state, checked) -%}
    {%- endif -%}
    {%- if refused -%}
        {{ exceptions.raise_compiler_error(
            refused | join('; ') ~ ' (land its records again, or select other days)'
        ) }}
    {%- endif -%}

    {%- set files = files_in_place(steps) -%}
    {%- if storage == 'table' -%}
        {%- do put_lists_of_files(files, state) -%}
        {%- do write_comments(target, state['described']) -%}
        {%- set is_same = not steps['forget'] -%}
    {%- else -%}
        {%- set is_same = not put_partition_view(target, state, steps, files) -%}
    {%- endif -%}
    {%- do store_raw_result(
        'main',
        message='unchanged' if is_same and not steps['build'] else steps['build'] | length
            ~ ' of ' ~ (steps['build'] + steps['keep']) | length ~ ' partitions',
        code='PARTITIONS',
        rows_affected=steps['build'] | length
    ) -%}
    {%- if steps['build'] -%}
        {{ run_hooks(post_hooks, inside_transaction=false) }}
    {%- endif -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
