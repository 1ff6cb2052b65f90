with
inputs as (
  select * from "steps"."level_settings"
  where symbol = '$symbol' and dt = date '$dt'
),
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
definitions as (
  select * from "silver"."level_definitions"
),
step_levels as (
  select * from "steps"."step_levels"
  where symbol = '$symbol' and dt = date '$dt'
),
steps as (
  select distinct
  date_trunc('second', unnest([from_ts, until_ts]) + interval 999999 microsecond) as step_ts
  from step_levels
),
running_levels as (
  select
  *,
  cast(round_even(level_ticks, 0) as bigint) as level_tick
  from "steps"."running_levels_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
running_ticks as (
  select
  window_end_ts,
  bit_xor(hash(level_id, level_tick, is_provisional)) as ticks_hash
  from running_levels
  group by window_end_ts
),
moments_of_seconds as (
  select
  book.symbol,
  book.dt,
  book.window_end_ts,
  greatest(
    case
    when book.window_end_ts = date_trunc('minute', book.window_end_ts)
    then book.window_end_ts
    else date_trunc('minute', book.window_end_ts) + interval 1 second
    end,
    steps.step_ts
  ) as moment_ts
  from "silver"."book_snapshot_1s" as book
  asof left join steps on book.window_end_ts >= steps.step_ts
  where book.symbol = '$symbol' and book.dt = date '$dt'
),
changes as (
  select
  moments_of_seconds.*,
  (
    moments_of_seconds.moment_ts = lag(moments_of_seconds.moment_ts) over so_far
    and coalesce(running_ticks.ticks_hash, 0)
    = lag(coalesce(running_ticks.ticks_hash, 0)) over so_far
  ) is not true as is_change
  from moments_of_seconds
  left join running_ticks on moments_of_seconds.window_end_ts = running_ticks.window_end_ts
  window so_far as (order by moments_of_seconds.window_end_ts)
),
seconds as (
  select
  symbol,
  dt,
  window_end_ts,
  max(if(is_change, window_end_ts, null)) over (order by window_end_ts) as moment_ts
  from changes
),
trades as (
  select
  contract_trades.window_start_ts,
  contract_trades.price_int // contract_day.tick_int as trade_tick
  from "steps"."contract_trades" as contract_trades
  cross join contract_day
  where
  contract_trades.symbol = '$symbol' and contract_trades.dt = date '$dt'
  and contract_trades.price_int is not null
),
bars as (
  select
  bars.bar_end_ts,
  bars.close_price_int // contract_day.tick_int as close_tick
  from "silver"."bars" as bars
  cross join contract_day
  where
  bars.symbol = (select inputs.symbol from inputs)
  and bars.bar_s = 120
  and bars.dt <= date '$dt'
  and bars.dt >= date '$dt' - 7
  and (
    bars.dt = date '$dt'
    or bars.dt in (select unnest(inputs.earlier_dts) from inputs)
  )
),
ranges as (
  select
  'pm' as level_kind,
  unnest({
      'start_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '04:00')),
      'end_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '09:30'))
  })
  union all
  select
  'or' as level_kind,
  unnest({
      'start_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '09:30')),
      'end_ts': timezone('UTC', timezone('America/New_York', date '$dt' + time '09:45'))
  })
),
extremes_of_seconds as (
  select
  ranges.level_kind,
  trades.window_start_ts + interval 1 second as window_end_ts,
  max(trades.trade_tick) as high_tick,
  min(trades.trade_tick) as low_tick
  from trades
  inner join ranges
  on
  trades.window_start_ts >= ranges.start_ts
  and trades.window_start_ts < ranges.end_ts
  group by ranges.level_kind, window_end_ts
),
extremes as (
  select
  level_kind,
  max(high_tick) as high_tick,
  min(low_tick) as low_tick
  from extremes_of_seconds
  group by level_kind
),
extremes_so_far as (
  select
  window_end_ts,
  max(high_tick) over (order by window_end_ts) as high_tick,
  min(low_tick) over (order by window_end_ts) as low_tick
  from extremes_of_seconds
  where level_kind = 'pm'
),
running_extremes as (
  select
  seconds.window_end_ts,
  extremes_so_far.high_tick,
  extremes_so_far.low_tick
  from seconds
  inner join ranges
  on
  ranges.level_kind = 'pm'
  and seconds.window_end_ts > ranges.start_ts
  and seconds.window_end_ts < ranges.end_ts
  asof left join extremes_so_far on seconds.window_end_ts >= extremes_so_far.window_end_ts
),
provisional as (
  select
  running_extremes.window_end_ts,
  definitions.level_id,
  case definitions.edge
  when 'high' then running_extremes.high_tick
  else running_extremes.low_tick
  end as level_tick,
  ranges.end_ts as available_from_ts
  from running_extremes
  inner join definitions on definitions.level_kind = 'pm'
  inner join ranges on definitions.level_kind = ranges.level_kind
  union all
  select
  window_end_ts,
  level_id,
  level_tick,
  available_from_ts
  from running_levels
  where is_provisional
),
moments as (
  select distinct moment_ts from seconds
),
bars_of_averages as (
  select
  bars.bar_end_ts,
  bars.close_tick,
  definitions.level_id,
  definitions.priority,
  definitions.sma_bars
  from bars
  cross join definitions
  where definitions.level_kind = 'sma'
),
totals as (
  select
  *,
  cast(sum(close_tick) over (
      partition by level_id
      order by bar_end_ts
    ) as bigint) as total_ticks
  from bars_of_averages
),
averages_of_bars as (
  select
  bar_end_ts,
  level_id,
  priority,
  (total_ticks - lag(total_ticks, sma_bars, 0) over bars_before) / sma_bars as level_ticks,
  lag(bar_end_ts, sma_bars - 1) over bars_before as oldest_bar_end_ts
  from totals
  window bars_before as (partition by level_id order by bar_end_ts)
),
level_names as (
  select level_id from definitions
),
averages as (
  select
  moments.moment_ts,
  averages_of_bars.level_id,
  averages_of_bars.priority,
  averages_of_bars.level_ticks,
  averages_of_bars.bar_end_ts as available_from_ts
  from moments
  cross join level_names
  asof inner join averages_of_bars
  on
  level_names.level_id = averages_of_bars.level_id
  and moments.moment_ts >= averages_of_bars.bar_end_ts
  where
  averages_of_bars.oldest_bar_end_ts
  >= moments.moment_ts - interval '7 days'
),
final_extremes as (
  select
  moments.moment_ts,
  definitions.level_id,
  definitions.priority,
  cast(case definitions.edge
    when 'high' then extremes.high_tick
    else extremes.low_tick
    end as double) as level_ticks,
  ranges.end_ts as available_from_ts
  from moments
  inner join ranges on moments.moment_ts >= ranges.end_ts
  inner join extremes on ranges.level_kind = extremes.level_kind
  inner join definitions on ranges.level_kind = definitions.level_kind
),
steps_of_moments as (
  select
  moments.moment_ts,
  step_levels.level_id,
  definitions.priority,
  step_levels.level_price_int / contract_day.tick_int as level_ticks,
  step_levels.from_ts as available_from_ts
  from moments
  inner join step_levels
  on
  moments.moment_ts >= step_levels.from_ts
  and moments.moment_ts < coalesce(step_levels.until_ts, timestamp 'infinity')
  inner join definitions on step_levels.level_id = definitions.level_id
  cross join contract_day
),
known as (
  select * from averages
  union all
  select * from final_extremes
  union all
  select * from steps_of_moments
  union all
  select
  moments.moment_ts,
  running_levels.level_id,
  definitions.priority,
  running_levels.level_ticks,
  running_levels.available_from_ts
  from moments
  inner join running_levels on moments.moment_ts = running_levels.window_end_ts
  inner join definitions on running_levels.level_id = definitions.level_id
  where not running_levels.is_provisional
),
usable as (
  select
  *,
  cast(round_even(level_ticks, 0) as bigint) as level_tick
  from known
),
neighbors as (
  select
  *,
  coalesce(
    level_tick - lag(level_tick) over by_price > 1, true
  ) as starts_stack,
  coalesce(
    lead(level_tick) over by_price - level_tick > 1, true
  ) as ends_stack
  from usable
  window by_price as (partition by moment_ts order by level_tick, priority, level_id)
),
numbered_stacks as (
  select
  *,
  sum(cast(starts_stack as integer)) over (
    partition by moment_ts
    order by level_tick, priority, level_id
  ) as stack_no
  from neighbors
),
stacks as (
  select
  moment_ts,
  stack_no,
  list_transform(
    list_sort(list(struct_pack(priority := priority, level_id := level_id))),
    member -> member.level_id
  ) as level_ids
  from numbered_stacks
  where not (starts_stack and ends_stack)
  group by moment_ts, stack_no
),
levels as (
  select
  numbered_stacks.*,
  coalesce(
    list_filter(stacks.level_ids, member -> member != numbered_stacks.level_id), []
  ) as stacked_with,
  coalesce(stacks.level_ids[1] = numbered_stacks.level_id, true) as is_primary
  from numbered_stacks
  left join stacks
  on
  numbered_stacks.moment_ts = stacks.moment_ts
  and numbered_stacks.stack_no = stacks.stack_no
),
visible_levels as (
  select
  seconds.symbol,
  seconds.dt,
  seconds.window_end_ts,
  definitions.level_id,
  definitions.priority,
  coalesce(
    running_levels.level_ticks,
    levels.level_ticks,
    provisional.level_tick
  ) as level_ticks,
  coalesce(levels.level_tick, provisional.level_tick) as level_tick,
  levels.level_id is not null as is_active,
  levels.level_id is null and provisional.level_tick is not null as is_provisional,
  coalesce(
    running_levels.available_from_ts,
    levels.available_from_ts, provisional.available_from_ts, ranges.end_ts
  ) as available_from_ts,
  coalesce(levels.stacked_with, []) as stacked_with,
  coalesce(levels.is_primary, false) as is_primary
  from seconds
  cross join definitions
  left join levels
  on
  seconds.moment_ts = levels.moment_ts
  and definitions.level_id = levels.level_id
  left join provisional
  on
  seconds.window_end_ts = provisional.window_end_ts
  and definitions.level_id = provisional.level_id
  left join ranges on definitions.level_kind = ranges.level_kind
  left join running_levels
  on
  seconds.window_end_ts = running_levels.window_end_ts
  and definitions.level_id = running_levels.level_id
  where definitions.level_kind != 'own' or levels.level_id is not null
)
select
visible_levels.symbol,
visible_levels.dt,
visible_levels.window_end_ts,
visible_levels.level_id,
visible_levels.level_ticks * contract_day.tick_int / 1e9 as level_price,
visible_levels.level_tick * contract_day.tick_int as level_price_int,
visible_levels.level_tick,
visible_levels.level_ticks - visible_levels.level_tick as level_resid_ticks,
visible_levels.is_active,
visible_levels.is_provisional,
visible_levels.available_from_ts,
visible_levels.stacked_with,
visible_levels.is_primary
from visible_levels
cross join contract_day
order by visible_levels.window_end_ts, visible_levels.priority, visible_levels.level_id
