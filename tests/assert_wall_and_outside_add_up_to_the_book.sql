-- Depth is conserved over the whole book: the wall plus the depth outside its range is the total of
-- the side, a second starts with the depth at the end of the second before, and flows explain the
-- difference. A second of surface_window without its wall rows fails as well.
with

wall as (
    select * from {{ ref('wall_surface_1s') }}
    where
        {{ untested_partitions('wall_surface_1s') }}
        or {{ untested_partitions('book_snapshot_1s') }}
),

snapshot as (
    select * from {{ ref('book_snapshot_1s') }}
    where
        {{ untested_partitions('wall_surface_1s') }}
        or {{ untested_partitions('book_snapshot_1s') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

wall_sums as (
    select
        symbol,
        dt,
        window_start_ts,
        side,
        sum(depth_qty_start) as depth_start,
        sum(depth_qty_end) as depth_end,
        sum(add_qty - pull_qty_total - fill_qty + reset_qty) as flow
    from wall
    group by symbol, dt, window_start_ts, side
),

written_seconds as (
    select distinct
        symbol,
        dt,
        window_start_ts
    from wall_sums
    union
    select
        snapshot.symbol,
        snapshot.dt,
        snapshot.window_start_ts
    from snapshot
    inner join contract_days
        on
            snapshot.symbol = contract_days.symbol
            and snapshot.dt = contract_days.dt
    where
        snapshot.spot_ref_price_int is null
        -- the windows of an unselected day may since have changed
        or {{ is_selected_partition('contract_days.symbol', 'contract_days.dt') }}
        and (
            contract_days.surface_windows is null
            or len(
                list_filter(
                    contract_days.surface_windows,
                    part -> snapshot.window_start_ts >= part.start_ts
                    and snapshot.window_start_ts < part.end_ts
                )
            ) > 0
        )
),

asks as (
    select
        symbol,
        dt,
        window_start_ts,
        'A' as side,
        ask_depth_total as depth_total,
        ask_outside_depth_start as outside_depth_start,
        ask_outside_depth_end as outside_depth_end,
        ask_outside_add - ask_outside_pull - ask_outside_fill + ask_outside_reset as outside_flow
    from snapshot
),

bids as (
    select
        symbol,
        dt,
        window_start_ts,
        'B' as side,
        bid_depth_total as depth_total,
        bid_outside_depth_start as outside_depth_start,
        bid_outside_depth_end as outside_depth_end,
        bid_outside_add - bid_outside_pull - bid_outside_fill + bid_outside_reset as outside_flow
    from snapshot
),

sides as (
    select * from asks
    union all
    select * from bids
),

compared as (
    select
        sides.*,
        lag(sides.depth_total, 1, 0) over (
            partition by sides.symbol, sides.dt, sides.side
            order by sides.window_start_ts
        ) as previous_depth_total,
        coalesce(wall_sums.depth_start, 0) as wall_depth_start,
        coalesce(wall_sums.depth_end, 0) as wall_depth_end,
        coalesce(wall_sums.flow, 0) as wall_flow,
        written_seconds.window_start_ts is not null as is_written
    from sides
    left join wall_sums
        on
            sides.symbol = wall_sums.symbol
            and sides.dt = wall_sums.dt
            and sides.window_start_ts = wall_sums.window_start_ts
            and sides.side = wall_sums.side
    left join written_seconds
        on
            sides.symbol = written_seconds.symbol
            and sides.dt = written_seconds.dt
            and sides.window_start_ts = written_seconds.window_start_ts
)

select * from compared
where
    outside_depth_start + outside_flow != outside_depth_end
    or is_written
    and (
        wall_depth_start + outside_depth_start != previous_depth_total
        or wall_depth_end + outside_depth_end != depth_total
        or wall_depth_start + wall_flow != wall_depth_end
    )
