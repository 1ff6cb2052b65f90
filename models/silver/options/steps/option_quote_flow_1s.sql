-- noqa: disable=LT02,RF01
{{ partitioned_by('gex_surface_1s') }}

{% set sides = {'bid': (-1, '>'), 'ask': (1, '<')} %}

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
    where {{ in_partition() }} and days_to_expiry between 0 and {{ var('gex_max_dte') }}
),

quotes as (
    select
        nbbo.option_symbol,
        nbbo.rec_ordinal,
        epoch_ns(nbbo.ts_recv) as ts_ns,
        struct_pack(
            bid := nbbo.bid_px_int,
            ask := nbbo.ask_px_int,
            bid_qty := nbbo.bid_sz,
            ask_qty := nbbo.ask_sz
        ) as quoted
    from {{ ref('option_nbbo') }} as nbbo
    inner join contracts on nbbo.option_symbol = contracts.option_symbol
    where
        {{ in_partition('nbbo.symbol', 'nbbo.dt') }}
        and (select contract_day.quote_source from contract_day) = 'nbbo'
        and (select inputs.trade_source from inputs) != 'none'
),

landed_trades as (
    {{ all_option_trades() }}
),

trades as (
    select
        landed_trades.option_symbol,
        landed_trades.price_int,
        landed_trades.size,
        landed_trades.aggressor,
        epoch_ns(landed_trades.ts_recv) as ts_ns,
        ((epoch_ns(landed_trades.ts_recv) - 1) // 1000000000 + 1) * 1000000000 as second_end_ns
    from landed_trades
    inner join contracts on landed_trades.option_symbol = contracts.option_symbol
    where (select contract_day.quote_source from contract_day) = 'nbbo'
),

-- the last quote of a moment, and the ends of seconds in which something was traded
moments as (
    select
        option_symbol,
        ts_ns,
        arg_max(quoted, rec_ordinal) as quoted,
        bool_or(rec_ordinal is null) as ends_trades
    from (
        select
            option_symbol,
            ts_ns,
            rec_ordinal,
            quoted
        from quotes
        union all
        select distinct
            option_symbol,
            second_end_ns as ts_ns,
            cast(null as bigint) as rec_ordinal,
            null as quoted
        from trades
    ) as quotes_and_seconds
    group by option_symbol, ts_ns
),

standing as (
    select
        option_symbol,
        ts_ns,
        ends_trades,
        last_value(quoted ignore nulls) over (
            partition by option_symbol
            order by ts_ns
        ) as quoted
    from moments
),

with_earlier as (
    select
        *,
        lag(quoted) over (
            partition by option_symbol
            order by ts_ns
        ) as earlier
    from standing
),

-- trades wait for the next change of the quote, and no longer than their own second
changes as (
    select
        option_symbol,
        ts_ns,
        quoted,
        earlier
    from with_earlier
    where quoted is distinct from earlier or ends_trades
),

fills as (
    select
        changes.option_symbol,
        changes.ts_ns,
        {% for side, (aggressor, nearer) in sides.items() %}
            {% for moment in ['earlier', 'quoted'] %}
                sum(trades.size) filter (
                    where trades.aggressor = {{ aggressor }}
                    and trades.price_int = changes.{{ moment }}.{{ side }}
                ) as {{ side }}_{{ moment }}{{ "," if not (loop.last and side == 'ask') }}
            {% endfor %}
        {% endfor %}
    from trades
    asof inner join changes
        on
            trades.option_symbol = changes.option_symbol
            and trades.ts_ns <= changes.ts_ns
    group by changes.option_symbol, changes.ts_ns
),

-- a nearer price has just come; at the price of before what is left shows what came and went
net_changes as (
    select
        changes.option_symbol,
        changes.ts_ns,
        {% for side, (aggressor, nearer) in sides.items() %}
            case
                when
                    changes.quoted.{{ side }} {{ nearer }} changes.earlier.{{ side }}
                    or changes.earlier.{{ side }} is null and changes.quoted.{{ side }} is not null
                    then changes.quoted.{{ side }}_qty + coalesce(fills.{{ side }}_quoted, 0)
                when changes.earlier.{{ side }} is not null
                    then if(
                        changes.quoted.{{ side }} is not distinct from changes.earlier.{{ side }},
                        changes.quoted.{{ side }}_qty,
                        0
                    )
                    + coalesce(fills.{{ side }}_earlier, 0)
                    - changes.earlier.{{ side }}_qty
                else 0
            end as {{ side }}_net{{ "," if not loop.last }}
        {% endfor %}
    from changes
    left join fills
        on
            changes.option_symbol = fills.option_symbol
            and changes.ts_ns = fills.ts_ns
    -- the first quote of the day tells of no flow
    where changes.earlier is not null
),

flows as (
    select
        option_symbol,
        make_timestamp(((ts_ns - 1) // 1000000000 + 1) * 1000000) as window_end_ts,
        {% for side in sides %}
            cast(sum(greatest({{ side }}_net, 0)) as bigint) as {{ side }}_add_qty,
            cast(sum(greatest(-{{ side }}_net, 0)) as bigint) as {{ side }}_pull_qty
                {{- "," if not loop.last }}
        {% endfor %}
    from net_changes
    group by option_symbol, window_end_ts
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    flows.window_end_ts - interval 1 second as window_start_ts,
    flows.window_end_ts,
    flows.option_symbol,
    contracts."right",
    contracts.strike_price_int,
    contracts.expiration,
    flows.bid_add_qty,
    flows.bid_pull_qty,
    flows.ask_add_qty,
    flows.ask_pull_qty
from flows
inner join contracts on flows.option_symbol = contracts.option_symbol
where
    flows.bid_add_qty + flows.bid_pull_qty + flows.ask_add_qty + flows.ask_pull_qty > 0
order by flows.option_symbol, flows.window_end_ts
