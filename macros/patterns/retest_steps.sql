{#
    CTEs of retest_events up to `events`: the breaks of the partition by the kernel, their retests
    and outcomes, without what the book did then.
#}
{% macro retest_steps() -%}
    {%- set far = var('level_approach_max_ticks') %}
    {#- limits of the kernel that are the same for both bases #}
    {%- set limits = {
        'approach_max_ticks': far,
        'break_ticks': var('break_ticks'),
        'retest_ticks': var('retest_ticks'),
        'through_ticks': var('retest_through_ticks'),
        'outcome_ticks': var('retest_outcome_ticks'),
        'horizon_s': var('retest_horizon_s'),
    } %}
    contract_day as (
        select * from {{ ref('contract_days') }}
        where {{ in_partition() }}
    ),

    snapshot as (
        select * from {{ ref('book_snapshot_1s') }}
        where {{ in_partition() }}
    ),

    recording_gaps as (
        select * from {{ ref('recording_gaps') }}
        where {{ in_partition() }}
    ),

    offsets as (
        select * from {{ ref('level_offset_1s') }}
        where
            {{ in_partition() }}
            and approach_dir != 'approach_none'
    ),

    levels as (
        select * from {{ ref('levels_1s') }}
        where
            {{ in_partition() }}
            and is_primary
    ),

    bars as (
        select
            bars.bar_end_ts,
            bars.close_price_int // contract_day.tick_int as close_tick
        from {{ ref('bars') }} as bars
        cross join contract_day
        where
            {{ in_partition('bars.symbol', 'bars.dt') }}
            and bars.bar_s = {{ var('sma_bar_s') }}
    ),

    contract_trades as (
        select * from {{ ref('contract_trades') }}
        where
            {{ in_partition() }}
            and price_int is not null
    ),

    -- bars end at once: the close is a trade of the bar's last second
    trades as (
        select
            'seconds' as basis,
            contract_trades.trade_no,
            cast(epoch(contract_trades.window_start_ts) as bigint) as second_s,
            contract_trades.price_int // contract_day.tick_int as trade_tick,
            epoch_ns(contract_trades.ts_event) as ts_ns
        from contract_trades
        cross join contract_day
        union all
        select
            'bars' as basis,
            cast(epoch(bar_end_ts) as bigint) as trade_no,
            cast(epoch(bar_end_ts) as bigint) - 1 as second_s,
            close_tick as trade_tick,
            epoch_ns(bar_end_ts) as ts_ns
        from bars
    ),

    directions as (
        select unnest([1, -1]) as direction
    ),

    approaches as (
        select
            'seconds' as basis,
            levels.level_id,
            if(offsets.approach_dir = 'approach_up', 1, -1) as direction,
            levels.window_end_ts as moment_ts,
            levels.level_tick
        from offsets
        inner join levels
            on
                offsets.window_end_ts = levels.window_end_ts
                and offsets.level_id = levels.level_id
        union all
        select
            'bars' as basis,
            levels.level_id,
            directions.direction,
            levels.window_end_ts as moment_ts,
            levels.level_tick
        from bars
        inner join levels on bars.bar_end_ts = levels.window_end_ts
        cross join directions
        where
            directions.direction * (bars.close_tick - levels.level_tick) >= -{{ far }}
            and directions.direction * (bars.close_tick - levels.level_tick) < 0
    ),

    path_ends as (
        {{ path_ends('approaches', 'moment_ts') }}
    ),

    -- in the order that the kernel requires
    numbered as (
        select
            approaches.*,
            path_ends.path_end_s,
            path_ends.gap_known_s,
            cast(epoch(approaches.moment_ts) as bigint) as moment_s,
            dense_rank() over (order by approaches.level_id, approaches.direction) as group_no,
            row_number() over (
                partition by approaches.basis
                order by approaches.level_id, approaches.direction, approaches.moment_ts
            ) - 1 as approach_row
        from approaches
        inner join path_ends on approaches.moment_ts = path_ends.moment_ts
    ),

    trade_lists as (
        select
            basis,
            list(struct_pack(
                trade_no := trade_no,
                second_s := second_s,
                trade_tick := trade_tick,
                ts_ns := ts_ns
            )) as trades
        from trades
        group by basis
    ),

    approach_lists as (
        select
            basis,
            list(
                struct_pack(
                    group_no := group_no,
                    direction := cast(direction as bigint),
                    moment_s := moment_s,
                    level_tick := level_tick,
                    path_end_s := path_end_s
                )
                order by approach_row
            ) as approaches
        from numbered
        group by basis
    ),

    found as (
        select
            approach_lists.basis,
            -- a column per field of the events
            unnest(  -- noqa: AL03
                retest_events(
                    trade_lists.trades,
                    approach_lists.approaches,
                    struct_pack(
                        {% for name, limit in limits.items() %}
                            {{ name }} := {{ limit }},
                        {% endfor %}
                        hold_ns := if(
                            approach_lists.basis = 'seconds',
                            cast({{ var('broken_hold_s') }} as bigint) * 1000000000,
                            0
                        )
                    )
                ),
                recursive := true
            )
        from approach_lists
        inner join trade_lists on approach_lists.basis = trade_lists.basis
    ),

    events as (
        select
            numbered.level_id,
            if(numbered.direction = 1, 'approach_up', 'approach_down') as approach_dir,
            numbered.basis,
            numbered.moment_ts as approach_ts,
            numbered.direction,
            found.* exclude (basis, approach_row),
            make_timestamp(found.retest_end_s * 1000000) as retest_window_end_ts,
            make_timestamp(
                if(found.is_cut = 1, coalesce(numbered.gap_known_s, found.end_s), found.end_s)
                * 1000000
            ) as label_end_ts
        from found
        inner join numbered
            on
                found.basis = numbered.basis
                and found.approach_row = numbered.approach_row
    )
{%- endmacro %}
