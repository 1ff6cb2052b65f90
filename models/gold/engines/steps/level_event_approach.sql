-- noqa: disable=LT02
{{ partitioned_by('level_event_moments', inputs=['bars'], storage='table') }}

{# slopes over earlier attempts by the reading they are of #}
{% set trends = {
    'replenishment_ratio': 'barrier_replenishment_trend',
    'delta_liq': 'barrier_delta_liq_trend',
    'velocity_ticks_s': 'tape_velocity_trend',
    'imbalance': 'tape_imbalance_trend',
} %}

with

moments as (
    select * from {{ ref('level_event_moments') }}
    where {{ in_partition() }}
),

barriers as (
    select * from {{ ref('barrier_engine_1s') }}
    where {{ in_partition() }} and in_monitor_band
),

tapes as (
    select * from {{ ref('tape_engine_1s') }}
    where {{ in_partition() }} and in_monitor_band
),

offsets as (
    select * from {{ ref('level_offset_1s') }}
    where {{ in_partition() }}
),

episodes as (
    select * from {{ ref('approach_episodes') }}
    where {{ in_partition() }}
),

closes as (
    select
        bar_end_ts,
        row_number() over by_time as bar_no,
        sign(close_price_int - lag(close_price_int) over by_time) as close_change
    from {{ ref('bars') }}
    where {{ in_partition() }} and bar_s = {{ var('sma_bar_s') }}
    window by_time as (order by bar_end_ts)
),

-- the last bar that closed no higher, or no lower, ended a run
runs_of_bars as (
    select
        bar_end_ts,
        {% for name, sign in {'higher': 1, 'lower': -1}.items() %}
            bar_no - max(bar_no) filter (coalesce({{ sign }} * close_change, 0) <= 0)
                over (order by bar_end_ts) as n_{{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from closes
),

touches as (
    select
        moments.event_id,
        count(*) as prior_touches
    from moments
    inner join episodes
        on
            moments.level_id = episodes.level_id
            and moments.episode_id != episodes.episode_id
            and moments.event_ts > episodes.touch_ts
    group by moments.event_id
),

attempts as (
    select
        moments.*,
        barriers.replenishment_ratio,
        barriers.delta_liq,
        tapes.velocity_ticks_s,
        tapes.imbalance,
        row_number() over (
            partition by moments.attempt_cluster_id
            order by moments.event_ts
        ) as attempt_no
    from moments
    inner join barriers
        on
            moments.event_ts = barriers.window_end_ts
            and moments.level_id = barriers.level_id
    inner join tapes
        on
            moments.event_ts = tapes.window_end_ts
            and moments.level_id = tapes.level_id
),

-- in the order of time, so that sums are the same however rows come
earlier_attempts as (
    select
        later.event_id,
        {% for column in trends %}
            list(
                struct_pack(x := earlier.attempt_no, y := cast(earlier.{{ column }} as double))
                order by earlier.attempt_no
            )
                filter (earlier.{{ column }} is not null)
                as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from attempts as later
    inner join attempts as earlier
        on
            later.attempt_cluster_id = earlier.attempt_cluster_id
            and later.attempt_no > earlier.attempt_no
    group by later.event_id
),

clocked as (
    select
        *,
        epoch(event_ts) - epoch({{ session_bounds_utc('session_date', 'rth_study') }}.start_ts)
            as seconds_since_open
    from moments
)

select
    clocked.event_id,
    clocked.symbol,
    clocked.dt,
    clocked.direction_sign * offsets.speed_15s as approach_velocity,
    cast(
        coalesce(
            if(clocked.direction = 'UP', runs_of_bars.n_higher, runs_of_bars.n_lower), 0
        ) as integer
    ) as approach_bars,
    clocked.direction_sign * offsets.approach_move_ticks as approach_distance_ticks,
    clocked.direction_sign * offsets.approach_move_ticks
    / nullif(offsets.sigma_1s_ticks * sqrt({{ var('approach_over_s') }}), 0)
        as approach_distance_vol,
    cast(coalesce(touches.prior_touches, 0) as integer) as prior_touches,
    clocked.seconds_since_open / epoch(interval 1 minute) as minutes_since_open,
    cast(floor(clocked.seconds_since_open / {{ var('sma_bar_s') }}) as integer)
        as bars_since_open,
    clocked.attempt_index,
    clocked.attempt_cluster_id,
    {% for column, name in trends.items() %}
        {{ slope_of('earlier_attempts.' ~ column) }} as {{ name }}{{ "," if not loop.last }}
    {% endfor %}
from clocked
inner join offsets
    on
        clocked.event_ts = offsets.window_end_ts
        and clocked.level_id = offsets.level_id
left join touches on clocked.event_id = touches.event_id
left join earlier_attempts on clocked.event_id = earlier_attempts.event_id
asof left join runs_of_bars on clocked.event_ts >= runs_of_bars.bar_end_ts
order by clocked.event_id
