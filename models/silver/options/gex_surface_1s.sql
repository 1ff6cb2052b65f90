-- noqa: disable=LT02
{{ partitioned_by('option_iv_1s') }}

{% set measures = ['gex_abs', 'gex', 'gex_imbalance_ratio'] %}
{% set statuses = ['ok', 'carried', 'stale', 'bounds', 'no_root', 'no_mid'] %}

with

inputs as (
    select * from {{ ref('gex_settings') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

mids as (
    {{ future_mids() }}
),

contracts as (
    select * from {{ ref('option_contracts') }}
    where {{ in_partition() }}
),

exposures as (
    {{ option_exposures() }}
),

grid as (
    select
        mids.window_start_ts,
        mids.window_end_ts,
        mids.spot_ref_price_int,
        mids.spot_ref_price,
        {{ points('mids.forward_int') }} as f_price,
        cast(unnest(range(-{{ var('gex_strikes') }}, {{ var('gex_strikes') }} + 1)) as integer)
            as strike_offset,
        (2 * mids.spot_ref_price_int + inputs.strike_step_int)
        // (2 * inputs.strike_step_int) * inputs.strike_step_int as centre_int,
        inputs.strike_step_int
    from mids
    cross join inputs
    cross join contract_day
    where
        mids.spot_ref_price_int is not null
        and {{ is_in_surface_window('mids.window_start_ts', 'contract_day.option_windows') }}
),

trades as (
    {{ all_option_trades() }}
),

first_second as (
    select min(window_end_ts) as window_end_ts
    from {{ ref('option_iv_1s') }}
    where {{ in_partition() }}
),

-- sums of whole numbers: trades before the first of the seconds count with it
net_trades as (
    select
        contracts.expiration,
        contracts.strike_price_int,
        greatest(
            date_trunc('second', cast(trades.ts_event as timestamp)) + interval 1 second,
            first_second.window_end_ts
        ) as window_end_ts,
        sum(trades.aggressor * trades.size * contracts.multiplier) as net_qty
    from trades
    inner join contracts on trades.option_symbol = contracts.option_symbol
    cross join first_second
    where
        trades.ts_event
        >= {{ session_bounds_utc(partition_value('dt'), 'rth_study') }}.start_ts
    group by all
),

positions as (
    select
        expiration,
        strike_price_int,
        window_end_ts,
        sum(net_qty) over (
            partition by expiration, strike_price_int
            order by window_end_ts
        ) as net_qty
    from net_trades
),

flows as (
    select
        option_iv.window_end_ts,
        option_iv.strike_price_int,
        option_iv.expiration,
        -option_iv.gamma * coalesce(positions.net_qty, 0) as flow_gex
    from {{ ref('option_iv_1s') }} as option_iv
    asof left join positions
        on
            option_iv.expiration = positions.expiration
            and option_iv.strike_price_int = positions.strike_price_int
            and option_iv.window_end_ts >= positions.window_end_ts
    where {{ in_partition('option_iv.symbol', 'option_iv.dt') }}
),

flow_of_strikes as (
    select
        window_end_ts,
        strike_price_int,
        if(count(*) = count(flow_gex), list_sum(list_sort(list(flow_gex))), null) as net_flow_gex
    from flows
    group by window_end_ts, strike_price_int
),

-- what is not known of one option is not known of its right; sorted, so that sums are the same
-- however rows come, once they are lists, which is faster than aggregates in an order
exposure_of_strikes as (
    select
        window_end_ts,
        strike_price_int,
        {% for right, name in {'C': 'call', 'P': 'put'}.items() %}
            case
                when
                    count(*) filter (where "right" = '{{ right }}')
                    = count(gamma * weight) filter (where "right" = '{{ right }}')
                    then coalesce(
                        list_sum(
                            list_sort(
                                list(gamma * weight) filter (where "right" = '{{ right }}')
                            )
                        ),
                        0
                    )
            end as gex_{{ name }}_abs,
        {% endfor %}
        count(*) as n_options,
        bool_and(open_interest is not null) as oi_known,
        max(list_position({{ statuses }}, iv_status)) as worst
    from exposures
    group by window_end_ts, strike_price_int
),

strikes as (
    select
        grid.window_start_ts,
        grid.window_end_ts,
        grid.centre_int + grid.strike_offset * grid.strike_step_int as strike_price_int,
        grid.strike_offset,
        grid.f_price,
        grid.spot_ref_price,
        grid.spot_ref_price_int,
        inputs.tick_int,
        inputs.sign_convention,
        inputs.sign_call,
        inputs.sign_put,
        cast(coalesce(exposure_of_strikes.n_options, 0) as integer) as n_options,
        ({{ statuses }})[exposure_of_strikes.worst] as iv_status_worst,
        exposure_of_strikes.oi_known,
        if(exposure_of_strikes.n_options is null, 0, exposure_of_strikes.gex_call_abs)
            as gex_call_abs,
        if(exposure_of_strikes.n_options is null, 0, exposure_of_strikes.gex_put_abs)
            as gex_put_abs,
        if(exposure_of_strikes.n_options is null, 0, flow_of_strikes.net_flow_gex)
            as net_flow_gex
    from grid
    cross join inputs
    left join exposure_of_strikes
        on
            grid.window_end_ts = exposure_of_strikes.window_end_ts
            and grid.centre_int + grid.strike_offset * grid.strike_step_int
            = exposure_of_strikes.strike_price_int
    left join flow_of_strikes
        on
            exposure_of_strikes.window_end_ts = flow_of_strikes.window_end_ts
            and exposure_of_strikes.strike_price_int = flow_of_strikes.strike_price_int
),

sums as (
    select
        *,
        gex_call_abs + gex_put_abs as gex_abs,
        sign_call * gex_call_abs + sign_put * gex_put_abs as gex
    from strikes
),

measured as (
    select
        *,
        gex / (gex_abs + 1e-6) as gex_imbalance_ratio
    from sums
),

with_earlier as (
    select
        *,
        {{ earlier_values(measures, 1) }}
    from measured
    window windows as (partition by strike_price_int order by window_start_ts)
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    window_start_ts,
    window_end_ts,
    {{ partition_value('symbol') }} as underlying,
    strike_price_int,
    {{ points('strike_price_int') }} as strike_points,
    strike_offset,
    spot_ref_price as underlying_spot_ref,
    spot_ref_price_int,
    cast((strike_price_int - spot_ref_price_int) // tick_int as integer) as rel_ticks,
    gex_call_abs,
    gex_put_abs,
    gex_call_abs as gex_call,
    gex_put_abs as gex_put,
    gex_abs,
    gex,
    gex as gex_net,
    gex_imbalance_ratio,
    if(gex = 0, 0, gex * f_price * f_price * 0.01) as gex_usd_per_1pct,
    net_flow_gex,
    {{ differences(measures) }},
    n_options,
    iv_status_worst,
    oi_known,
    sign_convention
from with_earlier
order by window_start_ts, strike_price_int
