{#
    Query of the labels of eligible decisions, the columns of level_labels: CTEs and the query after
    them. The caller names the relations `decisions` [with decision_s, direction and decision_no],
    `contract_day`, `snapshot` and `recording_gaps`.

    - horizon_ids: horizons of the labels; all by default.
#}
{% macro level_label_rows(horizon_ids=none) -%}
    {#- by the codes that the kernel returns -#}
    {%- set outcomes = ['CHOP', 'BREAK', 'REJECT', 'CENSORED', 'NOT_REACHED'] -%}
    path_ends as (
        {{ path_ends('decisions', 'window_end_ts') }}
    ),

    kinds as (
        select unnest(['fixed', 'vol']) as barrier_kind
    ),

    horizons as (
        {{ label_horizons(horizon_ids) }}
    ),

    ends as (
        select
            decisions.*,
            horizons.horizon_id,
            {{ label_horizon_s('decisions.window_end_ts') }} as horizon_s
        from decisions
        cross join horizons
    ),

    labels as (
        select
            ends.*,
            kinds.barrier_kind,
            {{ barrier_ticks(
                'kinds.barrier_kind',
                'ends.sigma_1s_ticks',
                'ends.horizon_s',
                'ends.barrier_min_ticks'
            ) }} as barrier_ticks
        from ends
        cross join kinds
    ),

    judged as (
        select
            *,
            case
                when barrier_ticks is null then 'no_sigma'
                when abs(x_ticks) >= barrier_ticks then 'beyond_barrier'
            end as label_reason,
            row_number() over (
                order by decision_no, horizon_s, horizon_id, barrier_kind
            ) as label_no
        from labels
    ),

    with_paths as (
        select
            judged.*,
            judged.decision_s + judged.horizon_s as horizon_end_s,
            path_ends.path_end_s,
            path_ends.gap_known_s
        from judged
        inner join path_ends on judged.window_end_ts = path_ends.moment_ts
    ),

    {{ label_trades() }},

    label_list as (
        select
            list(label_no order by label_no) as label_nos,
            list(
                struct_pack(
                    decision_no := decision_no,
                    start_s := decision_s,
                    direction := cast(direction as bigint),
                    level_tick := level_tick,
                    x0_ticks := cast(x_ticks as bigint),
                    barrier_ticks := cast(barrier_ticks as bigint),
                    horizon_end_s := horizon_end_s,
                    path_end_s := path_end_s,
                    -- once price has come to the level it counts as reached wherever it stands
                    reach_ticks := if(
                        decision_phase = 'approaching',
                        {{ var('reach_ticks') }},
                        greatest({{ var('reach_ticks') }}, -x_ticks)
                    )
                )
                order by label_no
            ) as labels
        from with_paths
        where label_reason is null
    ),

    hits as (
        select
            unnest(label_list.label_nos) as label_no,
            -- a column per field of the results
            unnest(  -- noqa: AL03
                first_hits(trade_list.trades, label_list.labels), recursive := true
            )
        from trade_list
        cross join label_list
    ),

    named_hits as (
        select
            *,
            {{ outcomes }}[outcome + 1] as outcome_name,
            {{ outcomes }}[outcome_after_touch + 1] as outcome_after_touch_name,
            {{ outcomes }}[outcome_reached + 1] as outcome_reached_name,
            {{ outcomes }}[exit_outcome + 1] as exit_outcome_name,
            case when reached >= 0 then reached = 1 end as is_reached
        from hits
    )

    select
        labels.symbol,
        labels.dt,
        labels.level_id,
        labels.window_end_ts,
        labels.barrier_kind,
        labels.horizon_id,
        labels.decision_phase,
        hits.outcome_name as outcome,
        case
            when hits.outcome_name in ('BREAK', 'REJECT')
                then hits.outcome_name || if(
                    (labels.direction = 1) = (hits.outcome_name = 'BREAK'), '_UP', '_DOWN'
                )
            else hits.outcome_name
        end as outcome_dir,
        labels.label_reason,
        labels.barrier_ticks,
        labels.horizon_s,
        labels.x_ticks as x0_ticks,
        if(hits.label_no is null, null, hits.touch_ns is not null or labels.x_ticks >= 0)
            as touched,
        case
            when hits.label_no is not null and labels.x_ticks >= 0
                then cast(labels.window_end_ts as timestamp_ns)
            else make_timestamp_ns(hits.touch_ns)
        end as touch_ts,
        hits.outcome_after_touch_name as outcome_after_touch,
        hits.is_reached as reached,
        -- no trade reaches a level that is near at once
        case
            when hits.is_reached
                then coalesce(
                    make_timestamp_ns(hits.reaching_ns), cast(labels.window_end_ts as timestamp_ns)
                )
        end as reached_ts,
        hits.outcome_reached_name as outcome_reached,
        make_timestamp_ns(hits.reached_hit_ns) as reached_hit_ts,
        -- nor is there one to close at when none follows
        case
            when hits.exit_outcome_name != 'CENSORED'
                then coalesce(
                    make_timestamp_ns(hits.exit_ns), cast(labels.window_end_ts as timestamp_ns)
                )
        end as exit_ts,
        {% for name in ['exit_x_ticks', 'mfe_to_exit_ticks', 'mae_to_exit_ticks'] %}
            case
                when hits.exit_outcome_name != 'CENSORED' then cast(hits.{{ name }} as integer)
            end as {{ name }},
        {% endfor %}
        hits.whipsaw_reached = 1 as whipsaw_reached,
        make_timestamp_ns(hits.hit_ns) as first_hit_ts,
        (hits.hit_ns - labels.decision_s * 1000000000) / 1e9 as time_to_hit_s,
        make_timestamp_ns(hits.second_hit_ns) as second_hit_ts,
        if(hits.label_no is null, null, hits.second_hit_ns is not null) as whipsaw_flag,
        cast(hits.mfe_ticks as integer) as mfe_ticks,
        cast(hits.mae_ticks as integer) as mae_ticks,
        if(hits.hit_ns is null, null, cast(hits.adverse_before_hit_ticks as integer))
            as adverse_before_hit_ticks,
        {{ episode_id(
            'labels.symbol',
            'labels.dt',
            'labels.level_id',
            'labels.approach_dir',
            'labels.first_window_end_ts'
        ) }} as episode_id,
        make_timestamp(
            if(hits.is_cut = 1, coalesce(labels.gap_known_s, hits.label_end_s), hits.label_end_s)
            * 1000000
        ) as label_end_ts
    from with_paths as labels
    left join named_hits as hits on labels.label_no = hits.label_no
    order by labels.label_no
{%- endmacro %}
