{{ partitioned_by('approach_windows_5s', storage='table') }}

{% set window_s = var('vector_window_s') %}

with

decisions as (
    select * from {{ ref('approach_windows_5s') }}
    where
        {{ in_partition() }}
        and is_eligible
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

episodes as (
    select
        symbol,
        dt,
        level_id,
        approach_dir,
        first_window_end_ts,
        max(window_end_ts) as last_window_end_ts,
        cast(count(*) as integer) as n_windows,
        min(abs(k_ticks)) as min_abs_k,
        any_value(level_tick_first) as level_tick_first,
        last_window_end_ts + interval {{ window_s * var('episode_max_gap_windows') }} second
            as available_from_ts
    from decisions
    group by symbol, dt, level_id, approach_dir, first_window_end_ts
),

trades as (
    select
        trades.trade_no,
        trades.ts_event,
        trades.price_int // contract_day.tick_int as trade_tick,
        time_bucket(
            interval {{ window_s }} second, trades.window_start_ts, timestamp '1970-01-01'
        ) as window_start_ts
    from {{ ref('contract_trades') }} as trades
    cross join contract_day
    where
        {{ in_partition('trades.symbol', 'trades.dt') }}
        and trades.price_int is not null
),

-- the windows in which an episode may touch its level; they hold whole seconds of the course
windows as (
    select
        level_id,
        approach_dir,
        first_window_end_ts,
        level_tick_first,
        unnest(range(
            first_window_end_ts, available_from_ts, interval {{ window_s }} second
        )) as window_start_ts
    from episodes
),

touches as (
    select
        windows.level_id,
        windows.approach_dir,
        windows.first_window_end_ts,
        arg_min(trades.ts_event, trades.trade_no) as touch_ts
    from windows
    inner join trades on windows.window_start_ts = trades.window_start_ts
    where
        case windows.approach_dir
            when 'approach_up' then trades.trade_tick >= windows.level_tick_first
            else trades.trade_tick <= windows.level_tick_first
        end
    group by windows.level_id, windows.approach_dir, windows.first_window_end_ts
),

touched_episodes as (
    select
        episodes.*,
        touches.touch_ts,
        touches.touch_ts is not null as touched
    from episodes
    left join touches
        on
            episodes.level_id = touches.level_id
            and episodes.approach_dir = touches.approach_dir
            and episodes.first_window_end_ts = touches.first_window_end_ts
),

-- what an episode is to know at its beginning must have been known by then
attempts as (
    select
        later.level_id,
        later.approach_dir,
        later.first_window_end_ts,
        count(*) as touch_count
    from touched_episodes as later
    inner join touched_episodes as earlier
        on
            later.level_id = earlier.level_id
            and later.first_window_end_ts >= earlier.available_from_ts
            and earlier.touched
    group by later.level_id, later.approach_dir, later.first_window_end_ts
)

select
    {{ episode_id(
        'touched.symbol',
        'touched.dt',
        'touched.level_id',
        'touched.approach_dir',
        'touched.first_window_end_ts'
    ) }} as episode_id,
    touched.symbol,
    touched.dt,
    touched.level_id,
    touched.approach_dir,
    touched.first_window_end_ts,
    touched.last_window_end_ts,
    touched.n_windows,
    touched.touched,
    touched.touch_ts,
    cast(1 + coalesce(attempts.touch_count, 0) as integer) as attempt_index,
    touched.min_abs_k,
    touched.level_tick_first,
    touched.available_from_ts
from touched_episodes as touched
left join attempts
    on
        touched.level_id = attempts.level_id
        and touched.approach_dir = attempts.approach_dir
        and touched.first_window_end_ts = attempts.first_window_end_ts
order by touched.first_window_end_ts, touched.level_id
