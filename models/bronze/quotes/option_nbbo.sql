{% set stored_columns = quote_update_columns() %}
{% do stored_columns.update(option_term_columns()) %}

with landed as (
    select * from {{ read_partitions(landed_files('future_option', 'nbbo'), stored_columns) }}
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
    "right",
    strike_price_int,
    expiration,
    bid_px_int,
    ask_px_int,
    cast(bid_sz as bigint) as bid_sz,
    cast(ask_sz as bigint) as ask_sz
from landed
