-- noqa: disable=LT02
{{ config(materialized='view') }}

{% set window = session_window('rth_study') %}

with updates as (
    select * from {{ ref('market_by_price_10_clean') }}
)

select
    symbol,
    dt,
    rec_ordinal,
    ts_event,
    ts_recv,
    ts_event_ny,
    instrument_id,
    action,
    side,
    depth,
    price_int,
    size,
    flags,
    is_snapshot,
    is_valid,
    sequence,
    {% for name in book_level_names() %}
        {{ name }}{{ "," if not loop.last }}
    {% endfor %}
from updates
where
    cast(ts_event_ny as time) >= time '{{ window[0] }}'
    and cast(ts_event_ny as time) < time '{{ window[1] }}'
