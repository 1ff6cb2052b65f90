with landed as (
    select * from {{ read_landed_table('future', 'ohlcv_1m', 'future_ohlcv_1m') }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    cast(ts_event as timestamp) + to_minutes(1) as bar_end_ts,
    instrument_id,
    open_price_int,
    high_price_int,
    low_price_int,
    close_price_int,
    {{ points('open_price_int') }} as open_price,
    {{ points('high_price_int') }} as high_price,
    {{ points('low_price_int') }} as low_price,
    {{ points('close_price_int') }} as close_price,
    cast(volume as bigint) as volume
from landed
