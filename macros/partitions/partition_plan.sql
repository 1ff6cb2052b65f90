{#
    Query of the action for each partition of the model being built, by the rules of
    spymaster_warehouse/partitions.py: partition_action (build, keep, wait or forget), its reason,
    inputs, code and files, one a line, and the columns of the source.
#}
{% macro partition_plan() -%}
    {%- set meta = config.get('meta') -%}
    {%- set owner = meta['partition_by'][0] -%}
    {%- set is_selected = is_selected_partition(
        'upstream.symbol' if owner == 'symbol' else none, 'upstream.dt'
    ) -%}
    {%- set functions = modules.re.findall(
        '(\\w+)\\s*\\(', model.compiled_code ~ call_of_model()
    ) + [''] -%}
    with upstream as materialized (
        {{ partition_upstream() }}
    ),

    steps as (
        select unnest(
            plan_partitions(
                coalesce((
                    select list(struct_pack(
                        owner := upstream.{{ owner }},
                        dt := upstream.dt,
                        versions := upstream.partition_versions,
                        is_selected := {{ 'true' if meta['partition_every_day'] else is_selected }}
                    ))
                    from upstream
                ), []),
                coalesce((
                    select list(struct_pack(
                        owner := owner,
                        dt := dt,
                        input_fingerprint := input_fingerprint,
                        model_checksum := model_checksum
                    ))
                    from meta.partition_state
                    where relation = '{{ this.identifier }}'
                ), []),
                struct_pack(
                    schema := '{{ this.schema }}',
                    files := cast({{ sql_list(names_of_files()) }} as varchar[]),
                    owner_column := '{{ owner }}',
                    model_checksum := '{{ model_checksum() }}',
                    functions := {{ sql_list(functions | unique | list) }}
                )
            ),
            recursive := true
        )
    )

    select
        steps.*,
        upstream.* exclude (partition_versions)
    from steps
    left join upstream
        on steps.partition_owner = upstream.{{ owner }} and steps.partition_date = upstream.dt
    order by steps.partition_date, steps.partition_owner
{%- endmacro %}
