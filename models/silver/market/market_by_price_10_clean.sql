-- noqa: disable=LT02
{{ config(materialized='view') }}

with

records as (
    select * from {{ ref('market_by_price_10') }}
    where is_last
),

selection as (
    select * from {{ ref('mbo_contract_day_selection') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

-- a snapshot row is dated by when it was captured
dated as (
    select
        *,
        {{ root_of('symbol') }} as root,
        cast(if(is_snapshot, ts_recv, ts_event) as timestamp) as row_ts,
        {{ ny_local('row_ts') }} as ts_event_ny
    from records
),

sessions as (
    select
        dated.*,
        {{ globex_session_date(
            'dated.row_ts',
            'instruments.session_open_local',
            'instruments.session_close_local',
            'instruments.session_tz'
        ) }} as session_date
    from dated
    inner join instruments on dated.root = instruments.root
)

select
    sessions.symbol,
    sessions.dt,
    sessions.rec_ordinal,
    sessions.ts_event,
    sessions.ts_recv,
    sessions.ts_event_ny,
    sessions.instrument_id,
    sessions.action,
    sessions.side,
    sessions.depth,
    sessions.price_int,
    sessions.size,
    sessions.flags,
    sessions.is_snapshot,
    coalesce(
        not sessions.is_maybe_bad_book and sessions.bid_px_00_int < sessions.ask_px_00_int, false
    ) as is_valid,
    sessions.sequence,
    {% for name in book_level_names() %}
        sessions.{{ name }}{{ "," if not loop.last }}
    {% endfor %}
from sessions
inner join selection
    on
        sessions.root = selection.root
        and sessions.session_date = selection.session_date
        and sessions.symbol = selection.selected_symbol
