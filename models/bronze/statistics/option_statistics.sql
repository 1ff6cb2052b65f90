{% set stored_columns = statistic_columns() %}
{% do stored_columns.update(option_term_columns()) %}

with landed as (
    select *
    from {{ read_partitions(landed_files('future_option', 'statistics'), stored_columns) }}
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
