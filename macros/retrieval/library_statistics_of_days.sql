{#
    Query of location and scale of every feature as of a day, the rows of vector_norm_stats, from
    relations like retrieval_pools and retrieval_library_files; without `has_phases`
    there is one for all decisions.
#}
{% macro library_statistics_of_days(pools, files_relation, has_phases=true) -%}
    {%- set phase = 'pools.decision_phase' if has_phases else "'approaching'" %}
    with

    pools as (
        select distinct
            root,
            dt,
            approach_dir,
            {{ 'decision_phase,' if has_phases }}
            pool_level_id,
            pool_level_ids,
            n_vectors,
            n_days
        from {{ ref(pools) }}
        where
            {{ in_partition() }}
            and n_vectors > 0
    ),

    files as (
        select * from {{ ref(files_relation) }}
    ),

    statistics as (
        select
            pools.*,
            library_statistics(
                {{ library_files('files') }}, pools.dt, pools.pool_level_ids, {{ phase }}
            ) as by_column
        from pools
        inner join files
            on
                pools.root = files.root
                and pools.approach_dir = files.approach_dir
    ),

    by_feature as (
        select
            * exclude (by_column),
            unnest(range(len(by_column))) as feature_index,
            unnest(by_column, recursive := true)  -- noqa: AL03
        from statistics
    )

    select
        root,
        dt,
        pool_level_id as level_id,
        approach_dir,
        {{ 'decision_phase,' if has_phases }}
        dt as asof_dt,
        cast(feature_index as integer) as feature_index,
        median,
        mad,
        std,
        n_vectors,
        n_days
    from by_feature
    order by level_id, approach_dir, {{ 'decision_phase,' if has_phases }} feature_index
{%- endmacro %}
