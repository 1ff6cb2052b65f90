-- noqa: disable=LT02,LT05
{{ partitioned_by('gex_settings') }}

{% set window_s = var('vector_window_s') %}
{% set rights = {'call': 'C', 'put': 'P'} %}
{% set buckets = ['itm', 'atm', 'otm'] %}
{% set skew_delta = 0.25 %}

with

inputs as (
    select * from {{ ref('gex_settings') }}
    where {{ in_partition() }}
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

contracts as (
    select * from {{ ref('option_contracts') }}
    where {{ in_partition() }} and days_to_expiry >= 0
),

quotes as (
    select * from {{ ref('option_book_1s') }}
    where {{ in_partition() }}
),

interest as (
    select * from {{ ref('option_open_interest') }}
    where {{ in_partition() }}
),

clock as (
    select * from {{ ref('option_clock') }}
    where {{ in_partition() }}
),

years as (
    select any_value(year_s) as year_s
    from clock
),

mids as (
    {{ future_mids() }}
),

windows as (
    select
        mids.window_end_ts,
        mids.forward_int,
        inputs.rate,
        inputs.strike_step_int,
        {{ points('mids.forward_int') }} as f_price,
        {{ option_clock_ns('mids.window_end_ts', 'clock') }} as clock_ns
    from mids
    cross join inputs
    cross join contract_day
    asof left join clock on mids.window_end_ts >= clock.runs_from_ts
    where
        epoch_us(mids.window_end_ts) % {{ window_s * 1000000 }} = 0
        and {{ is_in_surface_window('mids.window_start_ts', 'contract_day.option_windows') }}
),

trades as (
    {{ all_option_trades() }}
),

-- a trade is in or out of the money by the mid of the future in its second
placed_trades as (
    select
        contracts."right",
        trades.size,
        trades.aggressor * ({{ points('trades.price_int') }})
        * trades.size * contracts.multiplier as signed_premium,
        trades.ts_event,
        time_bucket(
            interval {{ window_s }} second,
            cast(trades.ts_event as timestamp),
            timestamp '1970-01-01'
        ) + interval {{ window_s }} second as window_end_ts,
        case
            when abs(contracts.strike_price_int - mids.forward_int) <= inputs.strike_step_int
                then 'atm'
            when (contracts.strike_price_int > mids.forward_int) = (contracts."right" = 'C')
                then 'otm'
            when mids.forward_int is not null then 'itm'
        end as moneyness
    from trades
    inner join contracts on trades.option_symbol = contracts.option_symbol
    inner join mids
        on date_trunc('second', cast(trades.ts_event as timestamp)) = mids.window_start_ts
    cross join inputs
),

flows as (
    select
        window_end_ts,
        {% for name, right in rights.items() %}
            count(*) filter (where "right" = '{{ right }}') as trade_count_{{ name }},
            sum(size) filter (where "right" = '{{ right }}') as option_volume_{{ name }},
            sum(signed_premium order by ts_event, signed_premium)
                filter (where "right" = '{{ right }}') as signed_premium_{{ name }},
            {% for bucket in buckets %}
                sum(size) filter (where "right" = '{{ right }}' and moneyness = '{{ bucket }}')
                    as option_volume_{{ name }}_{{ bucket }},
            {% endfor %}
        {% endfor %}
        count(*) as trade_count
    from placed_trades
    group by window_end_ts
),

listed as (
    select
        contracts.expiration,
        {{ option_clock_ns('contracts.expiration', 'clock') }} as clock_ns,
        years.year_s
    from (select distinct expiration from contracts) as contracts
    cross join years
    asof left join clock on contracts.expiration >= clock.runs_from_ts
),

expirations as (
    select
        windows.window_end_ts,
        listed.expiration,
        listed.clock_ns as expiration_clock_ns,
        listed.year_s,
        row_number() over (
            partition by windows.window_end_ts
            order by listed.expiration
        ) as expiry_no
    from windows
    inner join listed on windows.window_end_ts <= listed.expiration
),

strikes as (
    select
        expiration,
        strike_price_int,
        min(option_symbol) filter (where "right" = 'C') as call_symbol,
        min(option_symbol) filter (where "right" = 'P') as put_symbol
    from contracts
    group by expiration, strike_price_int
),

priced as (
    select
        windows.*,
        expirations.expiry_no,
        strikes.strike_price_int,
        {{ points('strikes.strike_price_int') }} as strike,
        if(strikes.strike_price_int >= windows.forward_int, 1, -1) as sign,
        if(
            strikes.strike_price_int >= windows.forward_int, strikes.call_symbol, strikes.put_symbol
        ) as option_symbol,
        {{ option_years(
            'expirations.expiration_clock_ns', 'windows.clock_ns', 'expirations.year_s'
        ) }} as t_years
    from windows
    inner join expirations
        on
            windows.window_end_ts = expirations.window_end_ts
            and expirations.expiry_no <= 2
    inner join strikes
        on
            expirations.expiration = strikes.expiration
            and abs(strikes.strike_price_int - windows.forward_int)
            <= {{ var('gex_strikes') }} * windows.strike_step_int
),

solved as (
    select
        priced.*,
        case
            when quotes.quote_ok then black76_implied_vol(
                priced.sign,
                priced.f_price,
                priced.strike,
                quotes.mid_price,
                priced.t_years,
                priced.rate
            )
        end as solution
    from priced
    asof left join quotes
        on
            priced.option_symbol = quotes.option_symbol
            and priced.window_end_ts >= quotes.window_end_ts
),

volatilities as (
    select
        *,
        struct_extract(solution, 'implied_vol') as implied_vol,
        case
            when struct_extract(solution, 'implied_vol') is not null
                then black76_greeks(
                    f_price, strike, struct_extract(solution, 'implied_vol'), t_years, rate
                )
        end as greeks
    from solved
),

with_deltas as (
    select
        *,
        case
            when sign = 1 then struct_extract(greeks, 'delta_call')
            else -struct_extract(greeks, 'delta_put')
        end as delta_size
    from volatilities
),

-- the points on either side of the money, and of a delta
neighbors as (
    select
        window_end_ts,
        expiry_no,
        any_value(f_price) as f_price,
        max(strike) filter (where strike <= f_price) as strike_below,
        min(strike) filter (where strike > f_price) as strike_above,
        arg_max(struct_pack(v := implied_vol), strike) filter (where strike <= f_price).v
            as vol_below,
        arg_min(struct_pack(v := implied_vol), strike) filter (where strike > f_price).v
            as vol_above,
        {% for name, sign in {'call': 1, 'put': -1}.items() %}
            {% for side, of, sense in [('under', 'max', '<='), ('over', 'min', '>')] %}
                {{ of }}(delta_size) filter (
                    where sign = {{ sign }} and delta_size {{ sense }} {{ skew_delta }}
                ) as {{ name }}_delta_{{ side }},
                arg_{{ of }}(implied_vol, delta_size) filter (
                    where sign = {{ sign }} and delta_size {{ sense }} {{ skew_delta }}
                ) as {{ name }}_vol_{{ side }}{{ "," if not (loop.last and name == 'put') }}
            {% endfor %}
        {% endfor %}
    from with_deltas
    group by window_end_ts, expiry_no
),

curves as (
    select
        window_end_ts,
        expiry_no,
        if(
            strike_below = f_price,
            vol_below,
            vol_below
            + (vol_above - vol_below) * (f_price - strike_below) / (strike_above - strike_below)
        ) as atm_iv,
        {% for name in rights %}
            if(
                {{ name }}_delta_under = {{ skew_delta }},
                {{ name }}_vol_under,
                {{ name }}_vol_under + ({{ name }}_vol_over - {{ name }}_vol_under)
                * ({{ skew_delta }} - {{ name }}_delta_under)
                / ({{ name }}_delta_over - {{ name }}_delta_under)
            ) as {{ name }}_vol{{ "," if not loop.last }}
        {% endfor %}
    from neighbors
),

terms as (
    select
        window_end_ts,
        max(atm_iv) filter (where expiry_no = 1) as atm_iv_1,
        max(atm_iv) filter (where expiry_no = 2) as atm_iv_2,
        max(put_vol - call_vol) filter (where expiry_no = 1) as skew_25d
    from curves
    group by window_end_ts
),

interest_of_strikes as (
    select
        windows.window_end_ts,
        contracts.strike_price_int,
        sum(interest.open_interest) as open_interest,
        bool_and(interest.open_interest is not null) as is_known
    from windows
    inner join contracts
        on
            abs(contracts.strike_price_int - windows.forward_int)
            <= {{ var('gex_strikes') }} * windows.strike_step_int
            and contracts.days_to_expiry <= {{ var('gex_max_dte') }}
            and windows.window_end_ts <= contracts.expiration
    left join interest
        on
            contracts.option_symbol = interest.option_symbol
            and windows.window_end_ts >= interest.known_from_ts
            and windows.window_end_ts < coalesce(interest.known_until_ts, timestamp 'infinity')
    group by windows.window_end_ts, contracts.strike_price_int
),

concentrations as (
    select
        window_end_ts,
        case
            when bool_and(is_known)
                then sum(open_interest * open_interest)
                / nullif(sum(open_interest) * sum(open_interest), 0)
        end as oi_concentration
    from interest_of_strikes
    group by window_end_ts
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    windows.window_end_ts - interval {{ window_s }} second as window_start_ts,
    windows.window_end_ts,
    {% for name in rights %}
        cast(coalesce(flows.option_volume_{{ name }}, 0) as bigint) as option_volume_{{ name }},
        {% for bucket in buckets %}
            cast(coalesce(flows.option_volume_{{ name }}_{{ bucket }}, 0) as bigint)
                as option_volume_{{ name }}_{{ bucket }},
        {% endfor %}
    {% endfor %}
    {% for name in rights %}
        coalesce(flows.signed_premium_{{ name }}, 0) as signed_premium_{{ name }},
    {% endfor %}
    coalesce(flows.option_volume_put, 0) / (coalesce(flows.option_volume_call, 0) + 1)
        as put_call_volume_ratio,
    {% for name in rights %}
        cast(coalesce(flows.trade_count_{{ name }}, 0) as bigint) as option_trade_count_{{ name }},
    {% endfor %}
    terms.atm_iv_1 as atm_iv,
    terms.skew_25d,
    terms.atm_iv_1,
    terms.atm_iv_2,
    concentrations.oi_concentration
from windows
left join flows on windows.window_end_ts = flows.window_end_ts
left join terms on windows.window_end_ts = terms.window_end_ts
left join concentrations on windows.window_end_ts = concentrations.window_end_ts
order by windows.window_end_ts
