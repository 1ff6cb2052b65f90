{% set stored = {
    'is_trading': 'varchar',
    'is_quoting': 'varchar',
    'is_short_sell_restricted': 'varchar',
} %}

with landed as (
    select * from {{ read_landed_table('future', 'status', 'future_status', stored) }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    instrument_id,
    action,
    reason,
    trading_event,
    case is_trading when 'Y' then true when 'N' then false end as is_trading,
    case is_quoting when 'Y' then true when 'N' then false end as is_quoting,
    case is_short_sell_restricted when 'Y' then true when 'N' then false end
        as is_short_sell_restricted
from landed
