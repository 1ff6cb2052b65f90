-- noqa: disable=RF02
{{ partitioned_by('approach_windows_5s', inputs=['recording_gaps']) }}

{% set limits = {
    'reach_ticks': var('reach_ticks'),
    'faded_s': var('course_faded_s'),
    'faded_barriers': var('course_faded_barriers'),
    'unresolved_s': var('course_unresolved_s'),
    'drift_ticks': var('episode_max_drift_ticks'),
} %}

with

eligible as (
    select * from {{ ref('approach_windows_5s') }}
    where
        {{ in_partition() }}
        and is_eligible
),

levels as (
    select * from {{ ref('levels_1s') }}
    where {{ in_partition() }}
),

offsets as (
    select * from {{ ref('level_offset_1s') }}
    where {{ in_partition() }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

recording_gaps as (
    select * from {{ ref('recording_gaps') }}
    where {{ in_partition() }}
),

contract_trades as (
    select * from {{ ref('contract_trades') }}
    where
        {{ in_partition() }}
        and price_int is not null
),

-- the latest end of the gaps that become known in a second: it holds the record that ends a gap
gaps as (
    select
        make_timestamp((epoch_ns(known_at_ts) // 1000000000 + 1) * 1000000) as window_end_ts,
        max(epoch_ns(gap_end_ts)) as gap_end_ns
    from recording_gaps
    group by all
),

-- nothing of a level counts before its first course can begin
first_windows as (
    select
        level_id,
        min(window_end_ts) as window_end_ts
    from eligible
    group by level_id
),

seconds as (
    select
        levels.level_id,
        levels.window_end_ts,
        cast(epoch(levels.window_end_ts) as bigint) as end_s,
        snapshot.window_valid and snapshot.spot_ref_price_int is not null as is_valid,
        snapshot.spot_ref_price_int // contract_day.tick_int as spot_tick,
        levels.level_tick,
        levels.is_active,
        case offsets.approach_dir when 'approach_up' then 1 when 'approach_down' then -1 else 0 end
            as approach,
        case eligible.approach_dir when 'approach_up' then 1 when 'approach_down' then -1 else 0 end
            as eligible_direction,
        eligible.barrier_ticks,
        gaps.gap_end_ns,
        dense_rank() over (order by levels.level_id) as level_no,
        row_number() over (order by levels.level_id, levels.window_end_ts) - 1 as second_row
    from levels
    inner join first_windows
        on
            levels.level_id = first_windows.level_id
            and levels.window_end_ts >= first_windows.window_end_ts
    inner join snapshot on levels.window_end_ts = snapshot.window_end_ts
    cross join contract_day
    left join offsets
        on
            levels.window_end_ts = offsets.window_end_ts
            and levels.level_id = offsets.level_id
    left join eligible
        on
            levels.window_end_ts = eligible.window_end_ts
            and levels.level_id = eligible.level_id
    left join gaps on levels.window_end_ts = gaps.window_end_ts
),

second_list as (
    select
        list(
            struct_pack(
                level_no := level_no,
                end_s := end_s,
                is_valid := cast(is_valid as bigint),
                spot_tick := cast(spot_tick as bigint),
                level_tick := level_tick,
                is_active := cast(is_active as bigint),
                approach := cast(approach as bigint),
                eligible := cast(eligible_direction as bigint),
                barrier_ticks := cast(barrier_ticks as bigint),
                gap_end_ns := gap_end_ns
            )
            order by second_row
        ) as seconds
    from seconds
),

trade_list as (
    select
        coalesce(
            list(struct_pack(
                trade_no := contract_trades.trade_no,
                second_s := cast(epoch(contract_trades.window_start_ts) as bigint),
                trade_tick := contract_trades.price_int // contract_day.tick_int,
                ts_ns := epoch_ns(contract_trades.ts_event)
            )),
            []
        ) as trades
    from contract_trades
    cross join contract_day
),

courses as (
    select
        -- a column per field of the courses
        unnest(  -- noqa: AL03
            approach_courses(
                second_list.seconds,
                trade_list.trades,
                struct_pack(
                    {% for name, limit in limits.items() %}
                        {{ name }} := {{ limit }}{{ "," if not loop.last }}
                    {% endfor %}
                )
            ),
            recursive := true
        )
    from second_list
    cross join trade_list
),

named as (
    select
        seconds.level_id,
        seconds.window_end_ts,
        seconds.end_s,
        courses.* exclude (direction, row),
        if(courses.direction = 1, 'up', 'down') as direction,
        make_timestamp(courses.started_s * 1000000) as started_ts
    from courses
    inner join seconds on courses.row = seconds.second_row
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    window_end_ts,
    level_id,
    {{ episode_id(
        partition_value('symbol'), partition_value('dt'), 'level_id', 'direction', 'started_ts'
    ) }} as course_id,
    direction,
    level_tick_frozen,
    cast(barrier_ticks as integer) as barrier_ticks,
    started_ts,
    cast(x as integer) as x,
    phase,
    make_timestamp_ns(reached_ns) as reached_ts,
    cast(max_x as integer) as max_x,
    cast(min_x_since_reached as integer) as min_x_since_reached,
    cast(end_s - started_s as integer) as elapsed_s,
    cast(since_reached_s as integer) as since_reached_s,
    resolved,
    make_timestamp_ns(resolved_ns) as resolved_ts,
    ended_by
from named
order by level_id, window_end_ts
