{{ config(materialized='view') }}

{% set stored = {
    'side': 'varchar',
    'action': 'varchar',
} %}

with landed as (
    select * from {{ read_landed_table('future_option', 'nbbo', 'option_quote_trades', stored) }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    option_symbol,
    price_int,
    cast(size as bigint) as size,
    cast(case side when 'B' then 1 when 'A' then -1 else 0 end as tinyint) as aggressor
from landed
where action = 'T'
