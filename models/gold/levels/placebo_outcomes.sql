{{ partitioned_by(
    'levels_1s',
    inputs=['recording_gaps'],
    optional=['contract_days.quotes_fingerprint']
) }}

{% set window_s = var('vector_window_s') %}
{% set shifts = [] %}
{% for ticks in var('placebo_shifts_ticks') %}
    {% do shifts.extend([-ticks, ticks]) %}
{% endfor %}
{% set clear_int = var('placebo_min_distance_ticks') ~ ' * contract_day.tick_int' %}
{% set round_int -%}
    cast({{ var('placebo_round_points') }} * {{ price_scale() }} as bigint)
{%- endset %}

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

real_levels as (
    select * from {{ ref('levels_1s') }}
    where
        {{ in_partition() }}
        and epoch(window_end_ts) % {{ window_s }} = 0
        and is_active
),

option_contracts as (
    select * from {{ ref('option_contracts') }}
    where {{ in_partition() }}
),

-- strikes count on days with quotes of options, whose landing rebuilds the partition
strikes as (
    select distinct option_contracts.strike_price_int
    from option_contracts
    inner join contract_day on contract_day.quote_source is not null
),

shifts as (
    select unnest({{ shifts | unique | list }}) as shift_ticks
),

-- a level farther away is not approached
near_levels as (
    select
        real_levels.symbol,
        real_levels.dt,
        real_levels.window_end_ts,
        real_levels.level_id,
        shifts.shift_ticks,
        real_levels.level_tick + shifts.shift_ticks as level_tick,
        (real_levels.level_tick + shifts.shift_ticks) * contract_day.tick_int as level_price_int
    from real_levels
    cross join shifts
    cross join contract_day
    inner join snapshot on real_levels.window_end_ts = snapshot.window_end_ts
    where
        real_levels.is_primary
        and abs(
            real_levels.level_tick + shifts.shift_ticks
            - snapshot.spot_ref_price_int // contract_day.tick_int
        ) <= {{ var('level_approach_max_ticks') }}
),

-- the prices of every level in use, also of those that do not speak for their stack
prices_in_use as (
    select
        window_end_ts,
        list(level_price_int) as price_ints
    from real_levels
    group by window_end_ts
),

-- strikes and round prices stay where they are all day: each price is compared with them once
prices as (
    select distinct level_price_int from near_levels
),

prices_at_strikes as (
    select distinct prices.level_price_int
    from prices
    cross join contract_day
    inner join strikes
        on abs(strikes.strike_price_int - prices.level_price_int) < {{ clear_int }}
),

free_prices as (
    select prices.level_price_int
    from prices
    cross join contract_day
    where
        prices.level_price_int not in (
            select prices_at_strikes.level_price_int from prices_at_strikes
        )
        {% if var('placebo_round_points') %}
            and least(
                abs(prices.level_price_int) % {{ round_int }},
                {{ round_int }} - abs(prices.level_price_int) % {{ round_int }}
            ) >= {{ clear_int }}
        {% endif %}
),

levels as (
    select
        near_levels.* exclude (level_id),
        near_levels.level_id as real_level_id,
        format('{}{:+d}', near_levels.level_id, near_levels.shift_ticks) as level_id,
        true as is_active,
        true as is_primary
    from near_levels
    inner join free_prices on near_levels.level_price_int = free_prices.level_price_int
    inner join prices_in_use on near_levels.window_end_ts = prices_in_use.window_end_ts
    cross join contract_day
    where
        len(list_filter(
            prices_in_use.price_ints,
            price_int -> abs(price_int - near_levels.level_price_int) < {{ clear_int }}
        )) = 0
),

placebos as (
    select distinct
        level_id,
        real_level_id,
        shift_ticks
    from levels
),

{{ episode_outcomes() }}

select
    outcomes.symbol,
    outcomes.dt,
    placebos.real_level_id as level_id,
    cast(placebos.shift_ticks as integer) as shift_ticks,
    decisions.approach_dir,
    outcomes.window_end_ts,
    outcomes.horizon_id,
    outcomes.barrier_kind,
    decisions.level_tick,
    outcomes.barrier_ticks,
    outcomes.x0_ticks,
    outcomes.reached,
    outcomes.reached_ts,
    outcomes.outcome_reached,
    outcomes.outcome,
    outcomes.episode_id,
    outcomes.label_end_ts
from outcomes
inner join placebos on outcomes.level_id = placebos.level_id
inner join decisions
    on
        outcomes.level_id = decisions.level_id
        and outcomes.window_end_ts = decisions.window_end_ts
        and outcomes.barrier_kind = decisions.barrier_mode
order by
    outcomes.window_end_ts, placebos.real_level_id, placebos.shift_ticks, outcomes.horizon_id
