set variable retest_seconds = (
  with
  contract_day as (
    select * from "silver"."contract_days"
    where symbol = '$symbol' and dt = date '$dt'
  ),
  snapshot as (
    select * from "silver"."book_snapshot_1s"
    where symbol = '$symbol' and dt = date '$dt'
  ),
  recording_gaps as (
    select * from "silver"."recording_gaps"
    where symbol = '$symbol' and dt = date '$dt'
  ),
  offsets as (
    select * from "silver"."level_offset_1s"
    where
    symbol = '$symbol' and dt = date '$dt'
    and approach_dir != 'approach_none'
  ),
  levels as (
    select * from "silver"."levels_1s"
    where
    symbol = '$symbol' and dt = date '$dt'
    and is_primary
  ),
  bars as (
    select
    bars.bar_end_ts,
    bars.close_price_int // contract_day.tick_int as close_tick
    from "silver"."bars" as bars
    cross join contract_day
    where
    bars.symbol = '$symbol' and bars.dt = date '$dt'
    and bars.bar_s = 120
  ),
  contract_trades as (
    select * from "steps"."contract_trades"
    where
    symbol = '$symbol' and dt = date '$dt'
    and price_int is not null
  ),
  trades as (
    select
    'seconds' as basis,
    contract_trades.trade_no,
    cast(epoch(contract_trades.window_start_ts) as bigint) as second_s,
    contract_trades.price_int // contract_day.tick_int as trade_tick,
    epoch_ns(contract_trades.ts_event) as ts_ns
    from contract_trades
    cross join contract_day
    union all
    select
    'bars' as basis,
    cast(epoch(bar_end_ts) as bigint) as trade_no,
    cast(epoch(bar_end_ts) as bigint) - 1 as second_s,
    close_tick as trade_tick,
    epoch_ns(bar_end_ts) as ts_ns
    from bars
  ),
  directions as (
    select unnest([1, -1]) as direction
  ),
  approaches as (
    select
    'seconds' as basis,
    levels.level_id,
    if(offsets.approach_dir = 'approach_up', 1, -1) as direction,
    levels.window_end_ts as moment_ts,
    levels.level_tick
    from offsets
    inner join levels
    on
    offsets.window_end_ts = levels.window_end_ts
    and offsets.level_id = levels.level_id
    union all
    select
    'bars' as basis,
    levels.level_id,
    directions.direction,
    levels.window_end_ts as moment_ts,
    levels.level_tick
    from bars
    inner join levels on bars.bar_end_ts = levels.window_end_ts
    cross join directions
    where
    directions.direction * (bars.close_tick - levels.level_tick) >= -20
    and directions.direction * (bars.close_tick - levels.level_tick) < 0
  ),
  path_ends as (
    select
    moments.moment_ts,
    least(
      coalesce(of_seconds.path_end_s, moments.moment_s), of_gaps.earliest.path_end_s
    ) as path_end_s,
    case
    when of_gaps.earliest.path_end_s < coalesce(of_seconds.path_end_s, moments.moment_s)
    then of_gaps.earliest.known_s
    end as gap_known_s
    from (
      select distinct
      moment_ts as moment_ts,
      cast(epoch(moment_ts) as bigint) as moment_s
      from approaches
    ) as moments
    left join (
      select
      second_s,
      min(end_s) over (order by second_s desc) as path_end_s
      from (
        select
        cast(epoch(window_start_ts) as bigint) as second_s,
        case
        when invalid_flags & 23 != 0 then second_s
        when
        coalesce(
          lead(window_start_ts) over (order by window_start_ts)
          != window_start_ts + interval 1 second,
          true
        )
        then second_s + 1
        end as end_s
        from snapshot
      )
    ) as of_seconds on moments.moment_s = of_seconds.second_s
    left join (
      select
      approaches.moment_ts as moment_ts,
      min(struct_pack(
          path_end_s := greatest(
            cast(epoch(approaches.moment_ts) as bigint),
            epoch_ns(recording_gaps.gap_start_ts) // 1000000000 + 1
          ),
          known_s := (epoch_ns(recording_gaps.known_at_ts) + 999999999) // 1000000000
      )) as earliest
      from approaches
      inner join recording_gaps
      on approaches.moment_ts < recording_gaps.gap_end_ts
      group by approaches.moment_ts
    ) as of_gaps on moments.moment_ts = of_gaps.moment_ts
  ),
  numbered as (
    select
    approaches.*,
    path_ends.path_end_s,
    path_ends.gap_known_s,
    cast(epoch(approaches.moment_ts) as bigint) as moment_s,
    dense_rank() over (order by approaches.level_id, approaches.direction) as group_no,
    row_number() over (
      partition by approaches.basis
      order by approaches.level_id, approaches.direction, approaches.moment_ts
    ) - 1 as approach_row
    from approaches
    inner join path_ends on approaches.moment_ts = path_ends.moment_ts
  ),
  trade_lists as (
    select
    basis,
    list(struct_pack(
        trade_no := trade_no,
        second_s := second_s,
        trade_tick := trade_tick,
        ts_ns := ts_ns
    )) as trades
    from trades
    group by basis
  ),
  approach_lists as (
    select
    basis,
    list(
      struct_pack(
        group_no := group_no,
        direction := cast(direction as bigint),
        moment_s := moment_s,
        level_tick := level_tick,
        path_end_s := path_end_s
      )
      order by approach_row
    ) as approaches
    from numbered
    group by basis
  ),
  found as (
    select
    approach_lists.basis,
    unnest(
      retest_events(
        trade_lists.trades,
        approach_lists.approaches,
        struct_pack(
          approach_max_ticks := 20,
          break_ticks := 4,
          retest_ticks := 2,
          through_ticks := 1,
          outcome_ticks := 8,
          horizon_s := 480,
          hold_ns := if(
            approach_lists.basis = 'seconds',
            cast(10 as bigint) * 1000000000,
            0
          )
        )
      ),
      recursive := true
    )
    from approach_lists
    inner join trade_lists on approach_lists.basis = trade_lists.basis
  ),
  events as (
    select
    numbered.level_id,
    if(numbered.direction = 1, 'approach_up', 'approach_down') as approach_dir,
    numbered.basis,
    numbered.moment_ts as approach_ts,
    numbered.direction,
    found.* exclude (basis, approach_row),
    make_timestamp(found.retest_end_s * 1000000) as retest_window_end_ts,
    make_timestamp(
      if(found.is_cut = 1, coalesce(numbered.gap_known_s, found.end_s), found.end_s)
      * 1000000
    ) as label_end_ts
    from found
    inner join numbered
    on
    found.basis = numbered.basis
    and found.approach_row = numbered.approach_row
  )
  select coalesce(list(distinct retest_window_end_ts), []) as seconds
  from events
  where retest_window_end_ts is not null
);
with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select * from "silver"."book_snapshot_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
recording_gaps as (
  select * from "silver"."recording_gaps"
  where symbol = '$symbol' and dt = date '$dt'
),
offsets as (
  select * from "silver"."level_offset_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and approach_dir != 'approach_none'
),
levels as (
  select * from "silver"."levels_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and is_primary
),
bars as (
  select
  bars.bar_end_ts,
  bars.close_price_int // contract_day.tick_int as close_tick
  from "silver"."bars" as bars
  cross join contract_day
  where
  bars.symbol = '$symbol' and bars.dt = date '$dt'
  and bars.bar_s = 120
),
contract_trades as (
  select * from "steps"."contract_trades"
  where
  symbol = '$symbol' and dt = date '$dt'
  and price_int is not null
),
trades as (
  select
  'seconds' as basis,
  contract_trades.trade_no,
  cast(epoch(contract_trades.window_start_ts) as bigint) as second_s,
  contract_trades.price_int // contract_day.tick_int as trade_tick,
  epoch_ns(contract_trades.ts_event) as ts_ns
  from contract_trades
  cross join contract_day
  union all
  select
  'bars' as basis,
  cast(epoch(bar_end_ts) as bigint) as trade_no,
  cast(epoch(bar_end_ts) as bigint) - 1 as second_s,
  close_tick as trade_tick,
  epoch_ns(bar_end_ts) as ts_ns
  from bars
),
directions as (
  select unnest([1, -1]) as direction
),
approaches as (
  select
  'seconds' as basis,
  levels.level_id,
  if(offsets.approach_dir = 'approach_up', 1, -1) as direction,
  levels.window_end_ts as moment_ts,
  levels.level_tick
  from offsets
  inner join levels
  on
  offsets.window_end_ts = levels.window_end_ts
  and offsets.level_id = levels.level_id
  union all
  select
  'bars' as basis,
  levels.level_id,
  directions.direction,
  levels.window_end_ts as moment_ts,
  levels.level_tick
  from bars
  inner join levels on bars.bar_end_ts = levels.window_end_ts
  cross join directions
  where
  directions.direction * (bars.close_tick - levels.level_tick) >= -20
  and directions.direction * (bars.close_tick - levels.level_tick) < 0
),
path_ends as (
  select
  moments.moment_ts,
  least(
    coalesce(of_seconds.path_end_s, moments.moment_s), of_gaps.earliest.path_end_s
  ) as path_end_s,
  case
  when of_gaps.earliest.path_end_s < coalesce(of_seconds.path_end_s, moments.moment_s)
  then of_gaps.earliest.known_s
  end as gap_known_s
  from (
    select distinct
    moment_ts as moment_ts,
    cast(epoch(moment_ts) as bigint) as moment_s
    from approaches
  ) as moments
  left join (
    select
    second_s,
    min(end_s) over (order by second_s desc) as path_end_s
    from (
      select
      cast(epoch(window_start_ts) as bigint) as second_s,
      case
      when invalid_flags & 23 != 0 then second_s
      when
      coalesce(
        lead(window_start_ts) over (order by window_start_ts)
        != window_start_ts + interval 1 second,
        true
      )
      then second_s + 1
      end as end_s
      from snapshot
    )
  ) as of_seconds on moments.moment_s = of_seconds.second_s
  left join (
    select
    approaches.moment_ts as moment_ts,
    min(struct_pack(
        path_end_s := greatest(
          cast(epoch(approaches.moment_ts) as bigint),
          epoch_ns(recording_gaps.gap_start_ts) // 1000000000 + 1
        ),
        known_s := (epoch_ns(recording_gaps.known_at_ts) + 999999999) // 1000000000
    )) as earliest
    from approaches
    inner join recording_gaps
    on approaches.moment_ts < recording_gaps.gap_end_ts
    group by approaches.moment_ts
  ) as of_gaps on moments.moment_ts = of_gaps.moment_ts
),
numbered as (
  select
  approaches.*,
  path_ends.path_end_s,
  path_ends.gap_known_s,
  cast(epoch(approaches.moment_ts) as bigint) as moment_s,
  dense_rank() over (order by approaches.level_id, approaches.direction) as group_no,
  row_number() over (
    partition by approaches.basis
    order by approaches.level_id, approaches.direction, approaches.moment_ts
  ) - 1 as approach_row
  from approaches
  inner join path_ends on approaches.moment_ts = path_ends.moment_ts
),
trade_lists as (
  select
  basis,
  list(struct_pack(
      trade_no := trade_no,
      second_s := second_s,
      trade_tick := trade_tick,
      ts_ns := ts_ns
  )) as trades
  from trades
  group by basis
),
approach_lists as (
  select
  basis,
  list(
    struct_pack(
      group_no := group_no,
      direction := cast(direction as bigint),
      moment_s := moment_s,
      level_tick := level_tick,
      path_end_s := path_end_s
    )
    order by approach_row
  ) as approaches
  from numbered
  group by basis
),
found as (
  select
  approach_lists.basis,
  unnest(
    retest_events(
      trade_lists.trades,
      approach_lists.approaches,
      struct_pack(
        approach_max_ticks := 20,
        break_ticks := 4,
        retest_ticks := 2,
        through_ticks := 1,
        outcome_ticks := 8,
        horizon_s := 480,
        hold_ns := if(
          approach_lists.basis = 'seconds',
          cast(10 as bigint) * 1000000000,
          0
        )
      )
    ),
    recursive := true
  )
  from approach_lists
  inner join trade_lists on approach_lists.basis = trade_lists.basis
),
events as (
  select
  numbered.level_id,
  if(numbered.direction = 1, 'approach_up', 'approach_down') as approach_dir,
  numbered.basis,
  numbered.moment_ts as approach_ts,
  numbered.direction,
  found.* exclude (basis, approach_row),
  make_timestamp(found.retest_end_s * 1000000) as retest_window_end_ts,
  make_timestamp(
    if(found.is_cut = 1, coalesce(numbered.gap_known_s, found.end_s), found.end_s)
    * 1000000
  ) as label_end_ts
  from found
  inner join numbered
  on
  found.basis = numbered.basis
  and found.approach_row = numbered.approach_row
),
turn_conditions as (
  select * from "gold"."conditions_in_use_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
physics_bands as (
  select * from "silver"."physics_bands_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
ladder as (
  select * from "silver"."level_ladder_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and coalesce(list_contains(getvariable('retest_seconds'), window_end_ts), true)
),
states as (
  select
  window_end_ts,
  level_id,
  list(bid_state order by point_offset) as bid_states,
  list(ask_state order by point_offset) as ask_states
  from ladder
  where window_end_ts in (select events.retest_window_end_ts from events)
  group by window_end_ts, level_id
)
select
'$symbol' as symbol,
date '$dt' as dt,
events.level_id,
events.approach_dir,
events.basis,
if(contract_day.book_source = 'mbp10', 'net', 'orders') as conditions_basis,
events.level_tick * contract_day.tick_int as level_price_int,
events.approach_ts,
make_timestamp_ns(events.cross_ns) as cross_ts,
events.cross_tick * contract_day.tick_int as cross_price_int,
make_timestamp_ns(events.broken_ns) as broken_ts,
make_timestamp(events.broken_end_s * 1000000) as broken_window_end_ts,
make_timestamp_ns(events.retest_ns) as retest_ts,
events.retest_tick * contract_day.tick_int as retest_price_int,
events.retest_window_end_ts,
(events.retest_ns - events.broken_ns) / 1e9 as retest_wait_s,
cast(events.excursion_ticks as integer) as excursion_ticks,
cast(events.retest_x_ticks as integer) as retest_x_ticks,
cast(events.deepest_x_ticks as integer) as deepest_x_ticks,
turn_conditions.c1,
turn_conditions.c2,
turn_conditions.c3,
turn_conditions.c4,
turn_conditions.state as turn_state,
turn_conditions.recent_state as recent_turn_state,
turn_conditions.missing,
turn_conditions.held_s,
physics_bands.above_score,
physics_bands.below_score,
states.bid_states,
states.ask_states,
events.outcome,
make_timestamp_ns(events.outcome_ns) as outcome_ts,
events.label_end_ts,
events.label_end_ts as available_from_ts
from events
cross join contract_day
left join turn_conditions
on
events.retest_window_end_ts = turn_conditions.window_end_ts
and events.level_id = turn_conditions.level_id
left join physics_bands on events.retest_window_end_ts = physics_bands.window_end_ts
left join states
on
events.retest_window_end_ts = states.window_end_ts
and events.level_id = states.level_id
order by events.basis, events.level_id, events.approach_dir, events.broken_ns
