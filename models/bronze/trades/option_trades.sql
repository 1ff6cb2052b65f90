{% set stored_columns = quote_update_columns() %}
{% do stored_columns.update(option_term_columns()) %}

with landed as (
    select * from {{ read_partitions(landed_files('future_option', 'trades'), stored_columns) }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    instrument_id,
    flags,
    sequence,
    option_symbol,
    symbol as underlying,
    "right",
    strike_price_int,
    strike_price_int / 1e9 as strike,
    expiration,
    price_int,
    price_int / 1e9 as price,
    cast(size as bigint) as size,
    cast(case side when 'B' then 1 when 'A' then -1 else 0 end as tinyint) as aggressor,
    bid_px_int / 1e9 as opt_bid,
    ask_px_int / 1e9 as opt_ask
from landed
