with landed as (
    select * from {{ read_landed_table('future_option', 'statistics', 'option_statistics') }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    instrument_id,
    sequence,
    option_symbol,
    stat_type,
    price_int,
    quantity,
    ts_ref,
    update_action,
    stat_flags
from landed
