{{ config(materialized='view') }}

with records as (
    select * from {{ ref('option_statistics_clean') }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    ts_event_ny,
    option_symbol,
    stat_type,
    stat_name,
    price_int,
    quantity,
    ts_ref,
    stat_flags
from records
where {{ in_session('cast(ts_event as timestamp)', 'rth_study') }}
