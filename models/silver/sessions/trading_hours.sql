with

manifest as (
    select * from {{ ref('ingest_manifest') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

market_holidays as (
    select * from {{ ref('market_holidays') }}
),

landed_days as (
    {{ book_partitions('manifest') }}
),

intervals as (
    {{ globex_intervals('landed_days', 'instruments', 'market_holidays') }}
)

select
    symbol,
    dt,
    interval_no,
    open_ts,
    close_ts,
    is_open_at_start
from intervals
