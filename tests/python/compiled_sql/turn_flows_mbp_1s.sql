with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
published as (
  select * from "steps"."published_book_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
book as (
  select * from "steps"."market_book_1s"
  where symbol = '$symbol' and dt = date '$dt' and source = 'mbp10'
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
seconds as (
  select
  published.window_start_ts,
  published.window_end_ts,
  published.highest_bid_tick,
  published.lowest_ask_tick,
  published.bid_edge_tick,
  published.ask_edge_tick,
  published.scrolled_qty,
  published.unknown_side_qty,
  published.resolution_s,
  snapshot.spot_ref_price_int // contract_day.tick_int as spot_tick,
  snapshot.window_valid and book.is_valid_end as is_known_end,
  snapshot.window_valid and book.valid_ns = 1000000000 and published.n_resets = 0
  as is_known
  from published
  inner join book on published.window_start_ts = book.window_start_ts
  inner join snapshot on published.window_start_ts = snapshot.window_start_ts
  cross join contract_day
  where (
    contract_day.option_windows is null
    or len(
      list_filter(
        contract_day.option_windows,
        part -> published.window_start_ts >= part.start_ts
        and published.window_start_ts < part.end_ts
      )
    ) > 0
  )
),
spans as (
  select
  window_start_ts,
  window_end_ts,
  2 as window_s,
  resolution_s,
  lag(window_start_ts, 2) over before_2 as start_ts,
  lag(spot_tick, 2) over before_2 as spot_tick,
  spot_tick - lag(spot_tick, 2) over before_2 as spot_move_ticks,
  lag(is_known_end, 2) over before_2
  and bool_and(is_known) over span_2 as is_known,
  max(highest_bid_tick) over span_2 as highest_bid_tick,
  min(lowest_ask_tick) over span_2 as lowest_ask_tick,
  max(bid_edge_tick) over span_2 as bid_edge_tick,
  min(ask_edge_tick) over span_2 as ask_edge_tick,
  sum(scrolled_qty) over span_2 as scrolled_qty,
  sum(unknown_side_qty) over span_2 as unknown_side_qty
  from seconds
  window
  before_2 as (order by window_start_ts),
  span_2 as (
    order by window_start_ts
    rows between 1 preceding and current row
  )
  union all
  select
  window_start_ts,
  window_end_ts,
  5 as window_s,
  resolution_s,
  lag(window_start_ts, 5) over before_5 as start_ts,
  lag(spot_tick, 5) over before_5 as spot_tick,
  spot_tick - lag(spot_tick, 5) over before_5 as spot_move_ticks,
  lag(is_known_end, 5) over before_5
  and bool_and(is_known) over span_5 as is_known,
  max(highest_bid_tick) over span_5 as highest_bid_tick,
  min(lowest_ask_tick) over span_5 as lowest_ask_tick,
  max(bid_edge_tick) over span_5 as bid_edge_tick,
  min(ask_edge_tick) over span_5 as ask_edge_tick,
  sum(scrolled_qty) over span_5 as scrolled_qty,
  sum(unknown_side_qty) over span_5 as unknown_side_qty
  from seconds
  window
  before_5 as (order by window_start_ts),
  span_5 as (
    order by window_start_ts
    rows between 4 preceding and current row
  )
  union all
  select
  window_start_ts,
  window_end_ts,
  10 as window_s,
  resolution_s,
  lag(window_start_ts, 10) over before_10 as start_ts,
  lag(spot_tick, 10) over before_10 as spot_tick,
  spot_tick - lag(spot_tick, 10) over before_10 as spot_move_ticks,
  lag(is_known_end, 10) over before_10
  and bool_and(is_known) over span_10 as is_known,
  max(highest_bid_tick) over span_10 as highest_bid_tick,
  min(lowest_ask_tick) over span_10 as lowest_ask_tick,
  max(bid_edge_tick) over span_10 as bid_edge_tick,
  min(ask_edge_tick) over span_10 as ask_edge_tick,
  sum(scrolled_qty) over span_10 as scrolled_qty,
  sum(unknown_side_qty) over span_10 as unknown_side_qty
  from seconds
  window
  before_10 as (order by window_start_ts),
  span_10 as (
    order by window_start_ts
    rows between 9 preceding and current row
  )
),
reaches as (
  select
  *,
  least(ask_edge_tick, spot_tick + 20) as highest_tick,
  greatest(bid_edge_tick, spot_tick - 20) as lowest_tick,
  greatest(least(highest_tick - spot_tick, spot_tick - lowest_tick), 0) as reach_ticks
  from spans
),
known as (
  select * from reaches
  where
  is_known
  and start_ts = window_start_ts - to_seconds(window_s)
  and window_s >= 2 * resolution_s
),
levels as (
  select
  book.window_start_ts,
  unnest([
      struct_pack(
        side := 'A',
        tick := book.ask_px_00_int // contract_day.tick_int,
        qty := book.ask_sz_00
      ),
      struct_pack(
        side := 'A',
        tick := book.ask_px_01_int // contract_day.tick_int,
        qty := book.ask_sz_01
      ),
      struct_pack(
        side := 'A',
        tick := book.ask_px_02_int // contract_day.tick_int,
        qty := book.ask_sz_02
      ),
      struct_pack(
        side := 'A',
        tick := book.ask_px_03_int // contract_day.tick_int,
        qty := book.ask_sz_03
      ),
      struct_pack(
        side := 'A',
        tick := book.ask_px_04_int // contract_day.tick_int,
        qty := book.ask_sz_04
      ),
      struct_pack(
        side := 'A',
        tick := book.ask_px_05_int // contract_day.tick_int,
        qty := book.ask_sz_05
      ),
      struct_pack(
        side := 'A',
        tick := book.ask_px_06_int // contract_day.tick_int,
        qty := book.ask_sz_06
      ),
      struct_pack(
        side := 'A',
        tick := book.ask_px_07_int // contract_day.tick_int,
        qty := book.ask_sz_07
      ),
      struct_pack(
        side := 'A',
        tick := book.ask_px_08_int // contract_day.tick_int,
        qty := book.ask_sz_08
      ),
      struct_pack(
        side := 'A',
        tick := book.ask_px_09_int // contract_day.tick_int,
        qty := book.ask_sz_09
      ),
      struct_pack(
        side := 'B',
        tick := book.bid_px_00_int // contract_day.tick_int,
        qty := book.bid_sz_00
      ),
      struct_pack(
        side := 'B',
        tick := book.bid_px_01_int // contract_day.tick_int,
        qty := book.bid_sz_01
      ),
      struct_pack(
        side := 'B',
        tick := book.bid_px_02_int // contract_day.tick_int,
        qty := book.bid_sz_02
      ),
      struct_pack(
        side := 'B',
        tick := book.bid_px_03_int // contract_day.tick_int,
        qty := book.bid_sz_03
      ),
      struct_pack(
        side := 'B',
        tick := book.bid_px_04_int // contract_day.tick_int,
        qty := book.bid_sz_04
      ),
      struct_pack(
        side := 'B',
        tick := book.bid_px_05_int // contract_day.tick_int,
        qty := book.bid_sz_05
      ),
      struct_pack(
        side := 'B',
        tick := book.bid_px_06_int // contract_day.tick_int,
        qty := book.bid_sz_06
      ),
      struct_pack(
        side := 'B',
        tick := book.bid_px_07_int // contract_day.tick_int,
        qty := book.bid_sz_07
      ),
      struct_pack(
        side := 'B',
        tick := book.bid_px_08_int // contract_day.tick_int,
        qty := book.bid_sz_08
      ),
      struct_pack(
        side := 'B',
        tick := book.bid_px_09_int // contract_day.tick_int,
        qty := book.bid_sz_09
      )
    ], recursive := true)
  from book
  cross join contract_day
),
executions as (
  select
  window_start_ts,
  unnest(executions, recursive := true)
  from published
),
executions_of_windows as (
  select
  2 as window_s,
  unnest(range(2)) as seconds_back,
  window_start_ts,
  side,
  tick,
  qty
  from executions
  union all
  select
  5 as window_s,
  unnest(range(5)) as seconds_back,
  window_start_ts,
  side,
  tick,
  qty
  from executions
  union all
  select
  10 as window_s,
  unnest(range(10)) as seconds_back,
  window_start_ts,
  side,
  tick,
  qty
  from executions
),
at_prices as (
  select
  known.window_start_ts,
  known.window_s,
  levels.side,
  levels.tick,
  levels.qty as start_qty,
  0 as end_qty,
  0 as executed_qty
  from known
  inner join levels on known.start_ts = levels.window_start_ts
  union all
  select
  known.window_start_ts,
  known.window_s,
  levels.side,
  levels.tick,
  0 as start_qty,
  levels.qty as end_qty,
  0 as executed_qty
  from known
  inner join levels on known.window_start_ts = levels.window_start_ts
  union all
  select
  known.window_start_ts,
  known.window_s,
  executed.side,
  executed.tick,
  0 as start_qty,
  0 as end_qty,
  executed.qty as executed_qty
  from executions_of_windows as executed
  inner join known
  on
  executed.window_s = known.window_s
  and executed.window_start_ts + to_seconds(executed.seconds_back)
  = known.window_start_ts
),
changes as (
  select
  known.window_start_ts,
  known.window_s,
  at_prices.side,
  abs(at_prices.tick - known.spot_tick) as distance_ticks,
  sum(at_prices.start_qty) as start_qty,
  sum(at_prices.end_qty) as end_qty,
  sum(at_prices.executed_qty) as executed_qty,
  sum(at_prices.start_qty) - sum(at_prices.end_qty) - sum(at_prices.executed_qty)
  as net_pull_qty
  from known
  inner join at_prices
  on
  known.window_start_ts = at_prices.window_start_ts
  and known.window_s = at_prices.window_s
  where
  (
    at_prices.side = 'A'
    and at_prices.tick between known.spot_tick and known.highest_tick
    and at_prices.tick > known.highest_bid_tick
  )
  or (
    at_prices.side = 'B'
    and at_prices.tick between known.lowest_tick and known.spot_tick
    and at_prices.tick < known.lowest_ask_tick
  )
  group by
  known.window_start_ts, known.window_s, at_prices.side, at_prices.tick, known.spot_tick
),
kept as (
  select
  *,
  end_qty + least(executed_qty, greatest(start_qty - end_qty, 0)) as kept_qty
  from changes
),
sums as (
  select
  window_start_ts,
  window_s,
  sum(start_qty) filter (side = 'A') as ask_depth_start,
  sum(start_qty * distance_ticks) filter (side = 'A') as ask_depth_start_ticks,
  sum(kept_qty) filter (side = 'A') as ask_kept_end,
  sum(kept_qty * distance_ticks) filter (side = 'A') as ask_kept_end_ticks,
  sum(abs(kept_qty - start_qty)) filter (side = 'A') as ask_kept_change,
  sum(net_pull_qty) filter (side = 'A') as ask_net_pull,
  sum(abs(net_pull_qty)) filter (side = 'A') as ask_net_change,
  sum(start_qty) filter (side = 'B') as bid_depth_start,
  sum(start_qty * distance_ticks) filter (side = 'B') as bid_depth_start_ticks,
  sum(kept_qty) filter (side = 'B') as bid_kept_end,
  sum(kept_qty * distance_ticks) filter (side = 'B') as bid_kept_end_ticks,
  sum(abs(kept_qty - start_qty)) filter (side = 'B') as bid_kept_change,
  sum(net_pull_qty) filter (side = 'B') as bid_net_pull,
  sum(abs(net_pull_qty)) filter (side = 'B') as bid_net_change
  from kept
  group by window_start_ts, window_s
)
select
'$symbol' as symbol,
date '$dt' as dt,
reaches.window_start_ts,
reaches.window_end_ts,
cast(reaches.window_s as integer) as condition_window_s,
cast(known.reach_ticks as integer) as reach_ticks,
cast(known.spot_move_ticks as integer) as spot_move_ticks,
cast(known.scrolled_qty as bigint) as scrolled_qty,
cast(known.unknown_side_qty as bigint) as unknown_side_qty,
reaches.resolution_s,
cast(
  case when known.reach_ticks is not null then coalesce(sums.ask_depth_start, 0) end
  as bigint
) as ask_depth_start,
cast(
  case when known.reach_ticks is not null then coalesce(sums.ask_depth_start_ticks, 0) end
  as bigint
) as ask_depth_start_ticks,
cast(
  case when known.reach_ticks is not null then coalesce(sums.ask_kept_end, 0) end
  as bigint
) as ask_kept_end,
cast(
  case when known.reach_ticks is not null then coalesce(sums.ask_kept_end_ticks, 0) end
  as bigint
) as ask_kept_end_ticks,
cast(
  case when known.reach_ticks is not null then coalesce(sums.ask_kept_change, 0) end
  as bigint
) as ask_kept_change,
cast(
  case when known.reach_ticks is not null then coalesce(sums.ask_net_pull, 0) end
  as bigint
) as ask_net_pull,
cast(
  case when known.reach_ticks is not null then coalesce(sums.ask_net_change, 0) end
  as bigint
) as ask_net_change,
cast(
  case when known.reach_ticks is not null then coalesce(sums.bid_depth_start, 0) end
  as bigint
) as bid_depth_start,
cast(
  case when known.reach_ticks is not null then coalesce(sums.bid_depth_start_ticks, 0) end
  as bigint
) as bid_depth_start_ticks,
cast(
  case when known.reach_ticks is not null then coalesce(sums.bid_kept_end, 0) end
  as bigint
) as bid_kept_end,
cast(
  case when known.reach_ticks is not null then coalesce(sums.bid_kept_end_ticks, 0) end
  as bigint
) as bid_kept_end_ticks,
cast(
  case when known.reach_ticks is not null then coalesce(sums.bid_kept_change, 0) end
  as bigint
) as bid_kept_change,
cast(
  case when known.reach_ticks is not null then coalesce(sums.bid_net_pull, 0) end
  as bigint
) as bid_net_pull,
cast(
  case when known.reach_ticks is not null then coalesce(sums.bid_net_change, 0) end
  as bigint
) as bid_net_change
from reaches
left join known
on
reaches.window_start_ts = known.window_start_ts
and reaches.window_s = known.window_s
left join sums
on
reaches.window_start_ts = sums.window_start_ts
and reaches.window_s = sums.window_s
order by reaches.window_s, reaches.window_start_ts
