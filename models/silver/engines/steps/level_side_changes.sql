{{ partitioned_by('level_offset_1s') }}

with

levels as (
    select * from {{ ref('levels_1s') }}
    where {{ in_partition() }} and is_active
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where {{ in_partition() }} and spot_ref_price_int is not null
),

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

positions as (
    select
        levels.level_id,
        levels.window_end_ts,
        cast(
            sign(levels.level_tick - snapshot.spot_ref_price_int // contract_day.tick_int)
            as integer
        ) as side_of_spot
    from levels
    inner join snapshot on levels.window_end_ts = snapshot.window_end_ts
    cross join contract_day
),

-- the second before is enough to tell a change, so a live session need not look back further
sides as (
    select
        *,
        coalesce(
            side_of_spot != lag(side_of_spot) over seconds
            or window_end_ts - lag(window_end_ts) over seconds != interval 1 second,
            true
        ) as is_change
    from positions
    window seconds as (partition by level_id order by window_end_ts)
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    window_end_ts,
    level_id,
    side_of_spot
from sides
where is_change and side_of_spot != 0
order by level_id, window_end_ts
