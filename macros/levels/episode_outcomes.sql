{#
    CTEs of what followed the episodes of given prices, by the rules of levels: `decisions`, the
    first window of each, and `outcomes`, the columns of level_labels. The caller names the
    relations `levels`, `contract_day`, `level_settings`, `snapshot` and `recording_gaps`.
#}
{% macro episode_outcomes() -%}
    offsets as (
        with

        {{ level_offsets() }}
    ),

    level_windows as (
        with

        {{ approach_windows() }}
    ),

    -- the first window of an episode stands for it
    decisions as (
        select
            * exclude (barrier_ticks),
            'approaching' as decision_phase,
            cast(epoch(window_end_ts) as bigint) as decision_s,
            if(approach_dir = 'approach_up', 1, -1) as direction,
            row_number() over (order by window_end_ts, level_id) as decision_no
        from level_windows
        where
            is_eligible
            and window_end_ts = first_window_end_ts
    ),

    outcomes as (
        with

        {{ level_label_rows(var('evaluation_horizons')) }}
    )
{%- endmacro %}
