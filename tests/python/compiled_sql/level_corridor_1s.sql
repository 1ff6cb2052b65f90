with
level_anchors as (
  select * from "steps"."level_anchors_1s"
  where k_ticks != 0
),
level_book as (
  select * from "steps"."level_book_1s"
),
usual as (
  select * from "steps"."usual_depth_1s"
),
contract_days as (
  select * from "silver"."contract_days"
),
instruments as (
  select * from "reference"."instruments"
),
contracts as (
  select
  contract_days.symbol,
  contract_days.dt,
  cast(
    round(
      coalesce(instruments.ladder_step, 1)
      / instruments.tick_size
    ) as integer
  ) as rung_ticks
  from contract_days
  inner join instruments on contract_days.root = instruments.root
),
sums as (
  select
  level_anchors.symbol,
  level_anchors.dt,
  level_anchors.window_start_ts,
  level_anchors.window_end_ts,
  level_anchors.level_id,
  level_anchors.level_price_int,
  level_anchors.k_ticks,
  level_anchors.window_valid,
  contracts.rung_ticks,
  greatest(abs(level_anchors.k_ticks) - 1, 0) as corridor_len_ticks,
  list_transform(
    range(5),
    n -> if(
      level_anchors.k_ticks > 0,
      struct_pack(
        rung_no := cast(n as integer),
        depth := level_book.ask_beyond_depths[n + 1],
        usual_depth := list_extract(
          usual.ask_usual_depths,
          if(
            (level_anchors.k_ticks + n * contracts.rung_ticks) between 2 - contracts.rung_ticks and 40,
            (level_anchors.k_ticks + n * contracts.rung_ticks) + contracts.rung_ticks,
            1
          )
        )
      ),
      struct_pack(
        rung_no := cast(n as integer),
        depth := level_book.bid_beyond_depths[n + 1],
        usual_depth := list_extract(
          usual.bid_usual_depths,
          if(
            -((level_anchors.k_ticks - (n + 1) * contracts.rung_ticks + 1) + contracts.rung_ticks - 1) between 2 - contracts.rung_ticks and 40,
            -((level_anchors.k_ticks - (n + 1) * contracts.rung_ticks + 1) + contracts.rung_ticks - 1) + contracts.rung_ticks,
            1
          )
        )
      )
    )
  ) as beyond_rungs,
  level_book.corridor_depth,
  level_book.corridor_add,
  level_book.corridor_pull,
  level_book.corridor_fill,
  if(
    level_anchors.k_ticks > 0, level_book.ask_depth_end, level_book.bid_depth_end
  ) as beyond_depth,
  if(
    level_anchors.k_ticks > 0, level_book.ask_add, level_book.bid_add
  ) as beyond_add,
  if(
    level_anchors.k_ticks > 0, level_book.ask_pull_all, level_book.bid_pull_all
  ) as beyond_pull,
  if(
    level_anchors.k_ticks > 0, level_book.ask_fill, level_book.bid_fill
  ) as beyond_fill,
  if(
    level_anchors.k_ticks > 0, level_book.ask_max_depth, level_book.bid_max_depth
  ) as beyond_max_depth,
  if(
    level_anchors.k_ticks > 0, level_book.ask_max_depth_ticks, level_book.bid_max_depth_ticks
  ) as beyond_max_rho,
  if(
    level_anchors.k_ticks > 0, level_book.ask_spot_depth, level_book.bid_spot_depth
  ) as spot_depth,
  if(
    level_anchors.k_ticks > 0,
    level_book.bid_spot_depth,
    level_book.ask_spot_depth
  ) as behind_depth,
  if(
    level_anchors.k_ticks > 0,
    level_book.bid_spot_add,
    level_book.ask_spot_add
  ) as behind_add,
  if(
    level_anchors.k_ticks > 0,
    level_book.bid_spot_pull,
    level_book.ask_spot_pull
  ) as behind_pull
  from level_anchors
  inner join level_book
  on
  level_anchors.symbol = level_book.symbol
  and level_anchors.dt = level_book.dt
  and level_anchors.level_tick = level_book.level_tick
  and level_anchors.window_start_ts = level_book.window_start_ts
  inner join contracts
  on
  level_anchors.symbol = contracts.symbol
  and level_anchors.dt = contracts.dt
  left join usual
  on
  level_anchors.symbol = usual.symbol
  and level_anchors.dt = usual.dt
  and level_anchors.window_start_ts = usual.window_start_ts
),
per_tick as (
  select
  *,
  case when window_valid then corridor_depth / nullif(corridor_len_ticks, 0) end
  as corridor_depth_per_tick,
  case when window_valid then beyond_depth / 21 end
  as beyond_depth_per_tick,
  case when window_valid then corridor_add / nullif(corridor_len_ticks, 0) end
  as corridor_add_per_tick,
  case when window_valid then beyond_add / 21 end
  as beyond_add_per_tick,
  case when window_valid then corridor_pull / nullif(corridor_len_ticks, 0) end
  as corridor_pull_per_tick,
  case when window_valid then beyond_pull / 21 end
  as beyond_pull_per_tick,
  case when window_valid then corridor_fill / nullif(corridor_len_ticks, 0) end
  as corridor_fill_per_tick,
  case when window_valid then beyond_fill / 21 end
  as beyond_fill_per_tick,
  case when window_valid then spot_depth / 20 end as spot_depth_per_tick,
  case when window_valid then behind_depth / 20 end as behind_depth_per_tick
  from sums
),
walls as (
  select
  *,
  case when window_valid then list_max(
    list_transform(
      list_filter(
        beyond_rungs,
        rung -> rung.usual_depth is not null
        and abs(k_ticks) + (rung.rung_no + 1) * rung_ticks - 1
        <= 400
      ),
      rung -> struct_pack(
        wall_ratio := rung.depth / (rung_ticks * (rung.usual_depth + 1)),
        nearness := -rung.rung_no,
        rung_no := rung.rung_no,
        depth := rung.depth
      )
    )
  ) end as beyond_wall
  from per_tick
)
select
symbol,
dt,
window_start_ts,
window_end_ts,
level_id,
level_price_int,
k_ticks,
corridor_len_ticks,
corridor_depth_per_tick,
beyond_depth_per_tick,
corridor_add_per_tick,
corridor_pull_per_tick,
corridor_fill_per_tick,
beyond_add_per_tick,
beyond_pull_per_tick,
beyond_fill_per_tick,
spot_depth_per_tick,
corridor_depth_per_tick / (spot_depth_per_tick + 1) as corridor_rel_depth,
beyond_depth_per_tick / (spot_depth_per_tick + 1) as beyond_rel_depth,
ln((beyond_depth_per_tick + 1) / (corridor_depth_per_tick + 1)) as beyond_corridor_log,
case when window_valid then beyond_max_depth end as beyond_max_depth,
case when window_valid then beyond_max_rho end as beyond_max_rho,
struct_extract(beyond_wall, 'wall_ratio') as beyond_wall_ratio,
cast(sign(k_ticks) as integer) * struct_extract(beyond_wall, 'rung_no') as beyond_wall_offset,
struct_extract(beyond_wall, 'depth') as beyond_wall_depth,
struct_extract(beyond_wall, 'rung_no') * rung_ticks as beyond_wall_from_ticks,
(struct_extract(beyond_wall, 'rung_no') + 1) * rung_ticks - 1 as beyond_wall_to_ticks,
behind_depth_per_tick,
case when window_valid then ln((behind_pull + 1) / (behind_add + 1)) end
as behind_pull_add_log,
case when window_valid then behind_add end as behind_add_qty,
case when window_valid then behind_pull end as behind_pull_qty,
window_valid
from walls
