-- noqa: disable=LT02
{{ partitioned_by('engine_levels_1s', optional=['gex_summary_1s']) }}

{% set fuel_s = engine_const('w_fuel_s') %}
{% set steps = engine_const('fuel_strike_steps') %}
{% set large = engine_const('fuel_effect_gamma') %}
{% set least_wall = engine_const('gamma_wall_min') %}

with

levels as (
    select * from {{ ref('engine_levels_1s') }}
    where {{ in_partition() }}
),

inputs as (
    select * from {{ ref('gex_settings') }}
    where {{ in_partition() }}
),

contracts as (
    select * from {{ ref('option_contracts') }}
    where {{ in_partition() }} and days_to_expiry between 0 and {{ var('gex_max_dte') }}
),

option_iv as (
    select * from {{ ref('option_iv_1s') }}
    where {{ in_partition() }}
),

surface as (
    select * from {{ ref('gex_surface_1s') }}
    where {{ in_partition() }}
),

summary as (
    select * from {{ ref('gex_summary_1s') }}
    where {{ in_partition() }}
),

trades as (
    {{ all_option_trades() }}
),

-- with the gamma that was known at the trade
hedged as (
    select
        date_trunc('second', cast(trades.ts_event as timestamp)) as window_start_ts,
        contracts.strike_price_int,
        -trades.aggressor * trades.size * option_iv.gamma * contracts.multiplier as dealer_gamma
    from trades
    inner join contracts on trades.option_symbol = contracts.option_symbol
    left join option_iv
        on
            contracts.expiration = option_iv.expiration
            and contracts.strike_price_int = option_iv.strike_price_int
            and date_trunc('second', cast(trades.ts_event as timestamp)) = option_iv.window_end_ts
    where trades.aggressor != 0
),

-- sorted, so that sums are the same however rows come
strikes as (
    select
        window_start_ts,
        strike_price_int,
        list_sum(list_sort(list(dealer_gamma))) as dealer_gamma,
        count(*) - count(dealer_gamma) as n_unknown
    from hedged
    group by window_start_ts, strike_price_int
),

looked_at as (
    {{ seconds_looked_at(['level_price_int'], fuel_s) }}
),

zones as (
    select distinct
        looked_at.window_start_ts,
        looked_at.level_price_int,
        looked_at.level_price_int - {{ steps }} * inputs.strike_step_int as from_strike_int,
        looked_at.level_price_int + {{ steps }} * inputs.strike_step_int as to_strike_int
    from looked_at
    cross join inputs
    where inputs.trade_source != 'none'
),

seconds as (
    select
        zones.window_start_ts,
        zones.level_price_int,
        coalesce(list_sum(list_sort(list(strikes.dealer_gamma))), 0) as dealer_gamma,
        coalesce(sum(strikes.n_unknown), 0) as n_unknown
    from zones
    left join strikes
        on
            zones.window_start_ts = strikes.window_start_ts
            and strikes.strike_price_int between zones.from_strike_int and zones.to_strike_int
    group by zones.window_start_ts, zones.level_price_int
),

-- summed in order of time, so that a sum is the same whatever else the partition holds
sums as (
    select
        window_start_ts,
        level_price_int,
        case
            when
                sum(n_unknown) over lookback = 0
                and window_start_ts - interval {{ fuel_s - 1 }} second
                >= {{ partition_value('dt') }}
                then list_sum(list(dealer_gamma) over lookback)
        end as net_dealer_gamma
    from seconds
    window lookback as (
        partition by level_price_int
        order by window_start_ts
        range between interval {{ fuel_s - 1 }} second preceding and current row
    )
),

-- of equal walls the nearest to spot
walls as (
    select
        window_start_ts,
        max_by(strike_price_int, [gex, -strike_price_int])
            filter (where strike_price_int > spot_ref_price_int) as call_wall_price_int,
        max_by(strike_price_int, [gex, strike_price_int])
            filter (where strike_price_int < spot_ref_price_int) as put_wall_price_int
    from surface
    where gex >= {{ least_wall }}
    group by window_start_ts
)

select
    levels.symbol,
    levels.dt,
    levels.window_start_ts,
    levels.window_end_ts,
    levels.level_id,
    levels.level_price_int,
    levels.k_ticks,
    levels.direction,
    levels.break_direction,
    levels.in_monitor_band,
    sums.net_dealer_gamma is not null as fuel_available,
    sums.net_dealer_gamma,
    case
        when sums.net_dealer_gamma < -{{ large }} then 'AMPLIFY'
        when sums.net_dealer_gamma > {{ large }} then 'DAMPEN'
        when sums.net_dealer_gamma is not null then 'NEUTRAL'
    end as effect,
    walls.call_wall_price_int,
    walls.put_wall_price_int,
    summary.gamma_flip_price
from levels
left join sums
    on
        levels.window_start_ts = sums.window_start_ts
        and levels.level_price_int = sums.level_price_int
left join walls on levels.window_start_ts = walls.window_start_ts
left join summary on levels.window_start_ts = summary.window_start_ts
order by levels.level_id, levels.window_end_ts
