-- noqa: disable=LT02
{{ partitioned_by('option_quote_flow_1s') }}

{% set rights = {'call': 'C', 'put': 'P'} %}
{% set book_flows = ['bid_add', 'bid_pull', 'ask_add', 'ask_pull'] %}
{% set trade_flows = ['buy', 'sell'] %}
{% set lookback = "interval " ~ var('option_flow_s') ~ " second" %}

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

strikes as (
    select
        window_start_ts,
        window_end_ts,
        strike_price_int
    from {{ ref('gex_surface_1s') }}
    where {{ in_partition() }} and n_options > 0
),

books as (
    select * from {{ ref('option_book_1s') }}
    where {{ in_partition() }}
),

quote_flows as (
    select * from {{ ref('option_quote_flow_1s') }}
    where {{ in_partition() }}
),

trades as (
    {{ all_option_trades() }}
),

-- seconds in which the feed of the books delivered a record of any option
book_records as (
    select date_trunc('second', cast(ts_event as timestamp)) + interval 1 second as window_end_ts
    from {{ ref('option_mbo') }}
    where
        {{ in_partition() }}
        and not is_snapshot
        and (select contract_day.quote_source from contract_day) = 'mbo'
    union
    select make_timestamp(((epoch_ns(ts_recv) - 1) // 1000000000 + 1) * 1000000) as window_end_ts
    from {{ ref('option_nbbo') }}
    where
        {{ in_partition() }}
        and (select contract_day.quote_source from contract_day) = 'nbbo'
),

-- seconds in which any record of an option came: trades may have a feed of their own
any_records as (
    select window_end_ts from book_records
    union
    select date_trunc('second', cast(ts_event as timestamp)) + interval 1 second as window_end_ts
    from trades
),

-- whether the seconds looked back on hold a record of any option: without one no flow is known
heard as (
    select
        seconds.window_end_ts,
        coalesce(
            seconds.window_end_ts - {{ lookback }} < book_records.window_end_ts, false
        ) as is_book_heard,
        coalesce(
            seconds.window_end_ts - {{ lookback }} < any_records.window_end_ts, false
        ) as is_any_heard
    from (select distinct window_end_ts from strikes) as seconds
    asof left join book_records on seconds.window_end_ts >= book_records.window_end_ts
    asof left join any_records on seconds.window_end_ts >= any_records.window_end_ts
),

-- flows of a second: of orders, of best quotes, of trades
flows as (
    select
        contracts.strike_price_int,
        contracts."right",
        books.window_end_ts,
        books.bid_add_qty as bid_add,
        books.bid_pull_qty as bid_pull,
        books.ask_add_qty as ask_add,
        books.ask_pull_qty as ask_pull,
        0 as buy,
        0 as sell
    from books
    inner join contracts on books.option_symbol = contracts.option_symbol
    union all
    select
        strike_price_int,
        "right",
        window_end_ts,
        bid_add_qty as bid_add,
        bid_pull_qty as bid_pull,
        ask_add_qty as ask_add,
        ask_pull_qty as ask_pull,
        0 as buy,
        0 as sell
    from quote_flows
    union all
    select
        contracts.strike_price_int,
        contracts."right",
        date_trunc('second', cast(trades.ts_event as timestamp)) + interval 1 second
            as window_end_ts,
        0 as bid_add,
        0 as bid_pull,
        0 as ask_add,
        0 as ask_pull,
        if(trades.aggressor = 1, trades.size, 0) as buy,
        if(trades.aggressor = -1, trades.size, 0) as sell
    from trades
    inner join contracts on trades.option_symbol = contracts.option_symbol
),

flows_of_strikes as (
    select
        strike_price_int,
        window_end_ts,
        {% for name, right in rights.items() %}
            {% for flow in book_flows + trade_flows %}
                cast(coalesce(sum({{ flow }}) filter (where "right" = '{{ right }}'), 0) as bigint)
                    as {{ name }}_{{ flow }}{{ "," if not (loop.last and name == 'put') }}
            {% endfor %}
        {% endfor %}
    from flows
    group by strike_price_int, window_end_ts
),

totals as (
    select
        strike_price_int,
        window_end_ts,
        {% for name in rights %}
            {% for flow in book_flows + trade_flows %}
                cast(sum({{ name }}_{{ flow }}) over earlier as bigint)
                    as {{ name }}_{{ flow }}{{ "," if not (loop.last and name == 'put') }}
            {% endfor %}
        {% endfor %}
    from flows_of_strikes
    window earlier as (
        partition by strike_price_int
        order by window_end_ts
    )
),

-- from the second in which a book could not be trusted to the one in which it can be again, and
-- best quotes until the first of the day
told_books as (
    select
        option_symbol,
        window_end_ts as from_ts,
        book_valid,
        lead(window_end_ts) over (
            partition by option_symbol
            order by window_end_ts
        ) as until_ts
    from books
),

first_quotes as (
    select
        contracts.option_symbol,
        cast({{ partition_value('dt') }} as timestamp) as from_ts,
        false as book_valid,
        min(books.window_end_ts) as until_ts
    from contracts
    cross join contract_day
    left join books on contracts.option_symbol = books.option_symbol
    where contract_day.quote_source = 'nbbo'
    group by contracts.option_symbol
),

untrusted as (
    select
        contracts.strike_price_int,
        contracts."right",
        told.from_ts,
        coalesce(told.until_ts, cast('infinity' as timestamp)) as until_ts
    from (
        select * from told_books
        union all
        select * from first_quotes
    ) as told
    inner join contracts on told.option_symbol = contracts.option_symbol
    where not told.book_valid
),

untrusted_strikes as (
    select
        strikes.window_end_ts,
        strikes.strike_price_int,
        {% for name, right in rights.items() %}
            bool_or(untrusted."right" = '{{ right }}')
                as is_{{ name }}_untrusted{{ "," if not loop.last }}
        {% endfor %}
    from strikes
    inner join untrusted
        on
            strikes.strike_price_int = untrusted.strike_price_int
            and strikes.window_end_ts >= untrusted.from_ts
            and strikes.window_end_ts - {{ lookback }} < untrusted.until_ts
    group by strikes.window_end_ts, strikes.strike_price_int
),

-- a flow is zero before its first record of the day, as long as any option has records
sums as (
    select
        strikes.window_start_ts,
        strikes.window_end_ts,
        strikes.strike_price_int,
        {% for name in rights %}
            {% for flow in book_flows + trade_flows %}
                coalesce(until_now.{{ name }}_{{ flow }}, 0)
                - coalesce(before_it.{{ name }}_{{ flow }}, 0) as {{ name }}_{{ flow }},
            {% endfor %}
            (contract_day.quote_source = 'mbo' or inputs.trade_source != 'none')
            and strikes.window_end_ts - {{ lookback }} >= {{ partition_value('dt') }}
            and not coalesce(untrusted_strikes.is_{{ name }}_untrusted, false)
            and heard.is_book_heard
                as is_{{ name }}_book_known,
        {% endfor %}
        inputs.trade_source != 'none'
        and strikes.window_end_ts - {{ lookback }} >= {{ partition_value('dt') }}
        and heard.is_any_heard
            as is_trade_known,
        if(contract_day.quote_source = 'mbo', 'mbo', 'quotes') as flow_source
    from strikes
    cross join inputs
    cross join contract_day
    inner join heard on strikes.window_end_ts = heard.window_end_ts
    asof left join totals as until_now
        on
            strikes.strike_price_int = until_now.strike_price_int
            and strikes.window_end_ts >= until_now.window_end_ts
    asof left join totals as before_it
        on
            strikes.strike_price_int = before_it.strike_price_int
            and strikes.window_end_ts - {{ lookback }} >= before_it.window_end_ts
    left join untrusted_strikes
        on
            strikes.strike_price_int = untrusted_strikes.strike_price_int
            and strikes.window_end_ts = untrusted_strikes.window_end_ts
),

known as (
    select
        window_start_ts,
        window_end_ts,
        strike_price_int,
        {% for name in rights %}
            {% for flow in trade_flows %}
                case when is_trade_known then {{ name }}_{{ flow }} end
                    as {{ name }}_{{ flow }}_qty,
            {% endfor %}
            {% for flow in book_flows %}
                case when is_{{ name }}_book_known then {{ name }}_{{ flow }} end
                    as {{ name }}_{{ flow }}_qty{{ "," if not (loop.last and name == 'put') }}
            {% endfor %}
        {% endfor %},
        flow_source
    from sums
),

balances as (
    select
        *,
        {% for name in rights %}
            {{ name }}_buy_qty - {{ name }}_sell_qty as {{ name }}_net_aggressive_qty,
            {{ name }}_bid_add_qty - {{ name }}_bid_pull_qty
            - {{ name }}_ask_add_qty + {{ name }}_ask_pull_qty
                as {{ name }}_net_resting_qty{{ "," if not loop.last }}
        {% endfor %}
    from known
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    window_start_ts,
    window_end_ts,
    strike_price_int,
    {{ points('strike_price_int') }} as strike_points,
    {% for name in rights %}
        {{ name }}_buy_qty,
        {{ name }}_sell_qty,
        {{ name }}_bid_add_qty,
        {{ name }}_bid_pull_qty,
        {{ name }}_ask_add_qty,
        {{ name }}_ask_pull_qty,
        {{ name }}_net_aggressive_qty,
        {{ name }}_net_resting_qty,
        ({{ name }}_net_aggressive_qty + {{ name }}_net_resting_qty) / (
            1 + {{ name }}_buy_qty + {{ name }}_sell_qty
            + {{ name }}_bid_add_qty + {{ name }}_bid_pull_qty
            + {{ name }}_ask_add_qty + {{ name }}_ask_pull_qty
        ) as {{ name }}_physics,
    {% endfor %}
    flow_source
from balances
order by window_start_ts, strike_price_int
