with
wall as (
  select * from "silver"."wall_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt' and spot_ref_price_int is not null
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
instruments as (
  select * from "reference"."instruments"
),
contract as (
  select
  contract_day.dt,
  contract_day.tick_int,
  contract_day.surface_windows,
  cast(
    round(
      coalesce(instruments.ladder_step, 1)
      / instruments.tick_size
    ) as integer
  ) as rung_ticks
  from contract_day
  inner join instruments on contract_day.root = instruments.root
),
seconds as (
  select
  snapshot.window_start_ts,
  cast(epoch(snapshot.window_start_ts) - epoch(contract.dt) as integer) as second_s,
  cast(snapshot.spot_ref_price_int // contract.tick_int as integer) as spot_tick,
  cast(snapshot.window_valid as integer) as is_valid,
  contract.tick_int,
  min(snapshot.spot_ref_price_int) over seen_from as low_spot_price_int,
  max(snapshot.spot_ref_price_int) over seen_from as high_spot_price_int
  from snapshot
  cross join contract
  where (
    contract.surface_windows is null
    or len(
      list_filter(
        contract.surface_windows,
        part -> snapshot.window_start_ts >= part.start_ts
        and snapshot.window_start_ts < part.end_ts
      )
    ) > 0
  )
  window seen_from as (
    order by snapshot.window_start_ts
    range between current row and interval 59 second following
  )
),
second_list as (
  select
  list(window_start_ts order by window_start_ts) as window_start_tss,
  list(
    struct_pack(second_s := second_s, spot_tick := spot_tick, is_valid := is_valid)
    order by window_start_ts
  ) as seconds
  from seconds
),
cell_list as (
  select
  coalesce(
    list(struct_pack(
        second_s := seconds.second_s,
        side_no := if(wall.side = 'A', 0, 1),
        tick := cast(wall.price_int // seconds.tick_int as integer),
        depth_qty_end := cast(wall.depth_qty_end as integer)
    )),
    []
  ) as cells
  from wall
  inner join seconds on wall.window_start_ts = seconds.window_start_ts
  where
  wall.depth_qty_end > 0
  and wall.price_int >= seconds.low_spot_price_int - 40 * seconds.tick_int
  and wall.price_int <= seconds.high_spot_price_int + 40 * seconds.tick_int
),
depths as (
  select
  unnest(second_list.window_start_tss) as window_start_ts,
  unnest(
    usual_depth(
      coalesce(second_list.seconds, []),
      cell_list.cells,
      struct_pack(
        ahead_ticks := 40,
        rung_ticks := contract.rung_ticks,
        lookback_s := 60,
        min_known_s := 30,
        reach_ticks := 400
      )
    )
  ) as of_sides
  from second_list
  cross join cell_list
  cross join contract
)
select
'$symbol' as symbol,
date '$dt' as dt,
window_start_ts,
struct_extract(of_sides, 'ask') as ask_usual_depths,
struct_extract(of_sides, 'bid') as bid_usual_depths
from depths
order by window_start_ts
