{% set levels = ['00', '01', '02', '03', '04', '05', '06', '07', '08', '09'] %}
{% set stored_columns = trade_record_columns() %}
{% for level in levels %}
    {% do stored_columns.update({
        'bid_px_' ~ level ~ '_int': 'bigint',
        'ask_px_' ~ level ~ '_int': 'bigint',
        'bid_sz_' ~ level: 'uinteger',
        'ask_sz_' ~ level: 'uinteger',
        'bid_ct_' ~ level: 'uinteger',
        'ask_ct_' ~ level: 'uinteger',
    }) %}
{% endfor %}

with landed as (
    select *
    from {{ read_partitions(landed_files('future', 'market_by_price_10'), stored_columns) }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    instrument_id,
    action,
    side,
    depth,
    price_int,
    cast(size as bigint) as size,
    flags,
    {{ flag_columns('flags') }},
    sequence,
    {{ level_columns(levels) }}
from landed
