{{ config(materialized='view') }}

with statistics as (
    select * from {{ ref('option_statistics') }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    {{ ny_local('cast(ts_event as timestamp)') }} as ts_event_ny,
    option_symbol,
    stat_type,
    case stat_type
        when 1 then 'opening_price'
        when 3 then 'settlement_price'
        when 6 then 'cleared_volume'
        when 9 then 'open_interest'
    end as stat_name,
    price_int,
    quantity,
    ts_ref,
    stat_flags
from statistics
-- 1 is a new statistic, 2 withdraws one
where update_action = 1 and (price_int is not null or quantity is not null)
