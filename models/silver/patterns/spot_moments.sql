{{ partitioned_by('level_settings') }}

{% set window_s = var('vector_window_s') %}
{% set over_s = var('approach_over_s') %}
{% set horizon_s = var('horizons_s')[var('barrier_horizon')] %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

level_settings as (
    select * from {{ ref('level_settings') }}
    where {{ in_partition() }}
),

{{ mid_moves([15, over_s]) }},

valid_windows as (
    select
        time_bucket(
            interval {{ window_s }} second, window_start_ts, timestamp '1970-01-01'
        ) + interval {{ window_s }} second as window_end_ts,
        count(*) = {{ window_s }} and bool_and(window_valid) as window_valid
    from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }}
    group by all
),

moves as (
    select
        valid_windows.window_end_ts,
        valid_windows.window_valid,
        cast(seconds.spot_tick as bigint) as spot_tick,
        cast(seconds.spot_tick * contract_day.tick_int as bigint) as spot_price_int,
        seconds.sigma_1s_ticks,
        seconds.moved_half_ticks_15s / 30 as speed_15s,
        seconds.moved_half_ticks_{{ over_s }}s / 2 as move_ticks,
        -- without volatility the least move alone
        greatest(
            level_settings.approach_min_ticks,
            {{ var('approach_sigma') }} * seconds.sigma_1s_ticks * sqrt({{ over_s }})
        ) as least_move_ticks,
        level_settings.barrier_mode,
        level_settings.barrier_min_ticks,
        {{ barrier_ticks(
            'level_settings.barrier_mode',
            'seconds.sigma_1s_ticks',
            horizon_s,
            'level_settings.barrier_min_ticks'
        ) }} as barrier_ticks
    from seconds
    inner join valid_windows on seconds.window_end_ts = valid_windows.window_end_ts
    cross join contract_day
    cross join level_settings
    where {{ in_session('seconds.window_start_ts', 'rth_study') }}
),

directed as (
    select
        *,
        case
            when not window_valid then 'spot_none'
            when move_ticks >= least_move_ticks then 'spot_up'
            when move_ticks <= -least_move_ticks then 'spot_down'
            else 'spot_none'
        end as approach_dir
    from moves
),

judged as (
    select
        *,
        approach_dir != 'spot_none'
        and spot_tick is not null
        and barrier_ticks is not null as is_eligible
    from directed
),

runs as (
    select
        window_end_ts,
        approach_dir,
        coalesce(
            window_end_ts - lag(window_end_ts) over of_direction
            > interval {{ window_s * var('episode_max_gap_windows') }} second,
            true
        ) as begins_episode
    from judged
    where is_eligible
    window of_direction as (partition by approach_dir order by window_end_ts)
),

episodes as (
    select
        window_end_ts,
        max(window_end_ts) filter (begins_episode) over (
            partition by approach_dir
            order by window_end_ts
        ) as first_window_end_ts
    from runs
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    judged.window_end_ts,
    judged.window_valid,
    judged.spot_tick,
    judged.spot_price_int,
    judged.sigma_1s_ticks,
    judged.speed_15s,
    judged.move_ticks,
    judged.least_move_ticks,
    judged.approach_dir,
    judged.barrier_mode,
    judged.barrier_min_ticks,
    judged.barrier_ticks,
    judged.is_eligible,
    episodes.first_window_end_ts
from judged
left join episodes on judged.window_end_ts = episodes.window_end_ts
order by judged.window_end_ts
