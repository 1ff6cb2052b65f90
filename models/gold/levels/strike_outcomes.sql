{{ partitioned_by('gex_surface_1s', inputs=['recording_gaps']) }}

{% set window_s = var('vector_window_s') %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

level_settings as (
    select * from {{ ref('level_settings') }}
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

exposures as (
    select * from {{ ref('gex_surface_1s') }}
    where
        {{ in_partition() }}
        and n_options > 0
        and epoch(window_end_ts) % {{ window_s }} = 0
),

-- the largest exposure near spot; NULL where that of a strike is not known
near_exposures as (
    select
        window_end_ts,
        case when bool_and(gex_abs is not null) then max(gex_abs) end as largest_gex_abs
    from exposures
    where abs(rel_ticks) <= {{ var('gamma_wall_max_ticks') }}
    group by window_end_ts
),

-- a strike farther away is not approached
strikes as (
    select
        exposures.symbol,
        exposures.dt,
        exposures.window_end_ts,
        exposures.strike_price_int,
        exposures.gex_abs,
        format('strike_{:g}', exposures.strike_points) as level_id,
        exposures.strike_price_int // contract_day.tick_int as level_tick,
        abs(exposures.rel_ticks) <= {{ var('gamma_wall_max_ticks') }}
        and exposures.gex_abs > 0
        and exposures.gex_abs = near_exposures.largest_gex_abs as is_gamma_wall
    from exposures
    inner join near_exposures on exposures.window_end_ts = near_exposures.window_end_ts
    cross join contract_day
    where abs(exposures.rel_ticks) <= {{ var('level_approach_max_ticks') }}
),

levels as (
    select
        symbol,
        dt,
        window_end_ts,
        level_id,
        level_tick,
        true as is_active,
        true as is_primary
    from strikes
),

{{ episode_outcomes() }}

select
    outcomes.symbol,
    outcomes.dt,
    strikes.strike_price_int,
    decisions.approach_dir,
    outcomes.window_end_ts,
    outcomes.horizon_id,
    outcomes.barrier_kind,
    strikes.gex_abs,
    strikes.is_gamma_wall,
    outcomes.barrier_ticks,
    outcomes.x0_ticks,
    outcomes.reached,
    outcomes.reached_ts,
    outcomes.outcome_reached,
    outcomes.outcome,
    outcomes.episode_id,
    outcomes.label_end_ts
from outcomes
inner join decisions
    on
        outcomes.level_id = decisions.level_id
        and outcomes.window_end_ts = decisions.window_end_ts
        and outcomes.barrier_kind = decisions.barrier_mode
inner join strikes
    on
        outcomes.level_id = strikes.level_id
        and outcomes.window_end_ts = strikes.window_end_ts
order by outcomes.window_end_ts, strikes.strike_price_int, outcomes.horizon_id
