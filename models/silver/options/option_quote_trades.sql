{{ config(materialized='view') }}

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
    option_symbol,
    price_int,
    cast(size as bigint) as size,
    cast(case side when 'B' then 1 when 'A' then -1 else 0 end as tinyint) as aggressor
from landed
where action = 'T'
