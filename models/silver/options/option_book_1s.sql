-- noqa: disable=LT02
{{ partitioned_by('contract_days.quotes_fingerprint', kernel='option_books') }}

{% set flows = [
    'bid_add_qty', 'ask_add_qty', 'bid_pull_qty', 'ask_pull_qty', 'fill_qty'
] %}
{% set quote = ['bid_price_int', 'ask_price_int', 'bid_qty', 'ask_qty'] %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

contracts as (
    select * from {{ ref('option_contracts') }}
    where {{ in_partition() }}
),

order_books as (
    select * from {{ kernel_output('rows') }}
),

nbbo as (
    select * from {{ ref('option_nbbo') }}
    where {{ in_partition() }} and {{ partition_value('quote_source') }} = 'nbbo'
),

from_orders as (
    select
        make_timestamp((order_books.window_s + 1) * 1000000) as window_end_ts,
        contracts.option_symbol,
        order_books.bid_price_int,
        order_books.ask_price_int,
        order_books.bid_qty,
        order_books.ask_qty,
        order_books.last_change_ns,
        order_books.book_valid = 1 as book_valid,
        {% for name in flows %}
            order_books.{{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from order_books
    inner join contracts on order_books.instrument_id = contracts.instrument_id
),

-- best quotes count from when they were captured
updates as (
    select
        option_symbol,
        rec_ordinal,
        bid_px_int as bid_price_int,
        ask_px_int as ask_price_int,
        bid_sz as bid_qty,
        ask_sz as ask_qty,
        epoch_ns(ts_recv) as ts_recv_ns,
        make_timestamp(((epoch_ns(ts_recv) - 1) // 1000000000 + 1) * 1000000) as window_end_ts
    from nbbo
),

changes as (
    select
        *,
        struct_pack({{ quote | join(', ') }}) as quoted,
        lag(struct_pack({{ quote | join(', ') }})) over (
            partition by option_symbol
            order by rec_ordinal
        ) as quoted_before
    from updates
),

from_quotes as (
    select
        window_end_ts,
        option_symbol,
        {% for name in quote %}
            arg_max(quoted, rec_ordinal).{{ name }} as {{ name }},
        {% endfor %}
        max(ts_recv_ns) as last_change_ns,
        true as book_valid,
        {% for name in flows %}
            cast(null as bigint) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from changes
    where quoted is distinct from quoted_before
    group by window_end_ts, option_symbol
),

told as (
    select * from from_orders
    union all
    select * from from_quotes
),

with_limits as (
    select
        *,
        make_timestamp(
            ((last_change_ns + {{ var('option_quote_max_age_s') * 1000000000 }}) // 1000000000 + 1)
            * 1000000
        ) as too_old_ts,
        lead(window_end_ts) over (
            partition by option_symbol
            order by window_end_ts
        ) as next_end_ts
    from told
),

-- a row more where a quote grows too old
with_ages as (
    select * exclude (too_old_ts, next_end_ts)
    from with_limits
    union all
    select
        * exclude (too_old_ts, next_end_ts)
        replace (
            {% for name in flows %}
                {{ name }} * 0 as {{ name }},
            {% endfor %}
            too_old_ts as window_end_ts
        )
    from with_limits
    where
        too_old_ts > window_end_ts
        and too_old_ts < coalesce(next_end_ts, {{ partition_value('dt') }} + interval 1 day)
),

quotes as (
    select
        *,
        (bid_price_int + ask_price_int) / 2e9 as mid_price,
        (epoch_ns(window_end_ts) - last_change_ns) / 1e9 as quote_age_s
    from with_ages
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    quotes.window_end_ts - interval 1 second as window_start_ts,
    quotes.window_end_ts,
    quotes.option_symbol,
    contracts."right",
    contracts.strike_price_int,
    contracts.strike,
    contracts.expiration,
    quotes.bid_price_int,
    quotes.ask_price_int,
    quotes.bid_qty,
    quotes.ask_qty,
    quotes.mid_price,
    quotes.quote_age_s,
    quotes.book_valid,
    coalesce(
        quotes.book_valid
        and quotes.ask_price_int > quotes.bid_price_int
        and quotes.ask_price_int - quotes.bid_price_int <= greatest(
            {{ var('option_quote_max_ticks') }} * contract_day.option_tick_int,
            {{ var('option_quote_max_share') }} * quotes.mid_price * {{ price_scale() }}
        )
        and quotes.quote_age_s <= {{ var('option_quote_max_age_s') }},
        false
    ) as quote_ok,
    quotes.bid_add_qty + quotes.ask_add_qty as add_qty,
    quotes.bid_pull_qty + quotes.ask_pull_qty as pull_qty_total,
    {% for name in flows %}
        quotes.{{ name }},
    {% endfor %}
    contract_day.quote_source
from quotes
inner join contracts on quotes.option_symbol = contracts.option_symbol
cross join contract_day
where contracts.days_to_expiry <= {{ var('option_max_dte') }}
order by quotes.option_symbol, quotes.window_end_ts
