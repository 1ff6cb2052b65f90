with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
level_settings as (
  select * from "steps"."level_settings"
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
exposures as (
  select * from "silver"."gex_surface_1s"
  where
  symbol = '$symbol' and dt = date '$dt'
  and n_options > 0
  and epoch(window_end_ts) % 5 = 0
),
near_exposures as (
  select
  window_end_ts,
  case when bool_and(gex_abs is not null) then max(gex_abs) end as largest_gex_abs
  from exposures
  where abs(rel_ticks) <= 40
  group by window_end_ts
),
strikes as (
  select
  exposures.symbol,
  exposures.dt,
  exposures.window_end_ts,
  exposures.strike_price_int,
  exposures.gex_abs,
  format('strike_{:g}', exposures.strike_points) as level_id,
  exposures.strike_price_int // contract_day.tick_int as level_tick,
  abs(exposures.rel_ticks) <= 40
  and exposures.gex_abs > 0
  and exposures.gex_abs = near_exposures.largest_gex_abs as is_gamma_wall
  from exposures
  inner join near_exposures on exposures.window_end_ts = near_exposures.window_end_ts
  cross join contract_day
  where abs(exposures.rel_ticks) <= 20
),
levels as (
  select
  symbol,
  dt,
  window_end_ts,
  level_id,
  level_tick,
  true as is_active,
  true as is_primary
  from strikes
),
offsets as (
  with
  snapshot as (
    select
    book.window_start_ts,
    book.window_end_ts,
    book.spot_ref_price_int // contract_day.tick_int as spot_tick,
    case
    when book.window_valid then 2 * book.mid_price_int // contract_day.tick_int
    end as mid_half_ticks
    from "silver"."book_snapshot_1s" as book
    cross join contract_day
    where book.symbol = '$symbol' and book.dt = date '$dt'
  ),
  changes as (
    select
    *,
    case
    when lag(window_start_ts) over seconds = window_start_ts - interval 1 second
    then mid_half_ticks - lag(mid_half_ticks) over seconds
    end as mid_change_half_ticks,
    case
    when
    lag(window_start_ts, 3) over seconds
    = window_start_ts - interval 3 second
    then mid_half_ticks - lag(mid_half_ticks, 3) over seconds
    end as moved_half_ticks_3s,
    case
    when
    lag(window_start_ts, 15) over seconds
    = window_start_ts - interval 15 second
    then mid_half_ticks - lag(mid_half_ticks, 15) over seconds
    end as moved_half_ticks_15s,
    case
    when
    lag(window_start_ts, 60) over seconds
    = window_start_ts - interval 60 second
    then mid_half_ticks - lag(mid_half_ticks, 60) over seconds
    end as moved_half_ticks_60s
    from snapshot
    window seconds as (order by window_start_ts)
  ),
  spreads as (
    select
    *,
    cast(sum(mid_change_half_ticks) over lookback as bigint) as change_sum,
    cast(sum(mid_change_half_ticks * mid_change_half_ticks) over lookback as bigint)
    as square_sum,
    count(mid_change_half_ticks) over lookback as change_count
    from changes
    window lookback as (
      order by window_start_ts
      rows between 299 preceding and current row
    )
  ),
  seconds as (
    select
    *,
    case
    when change_count >= 120
    then sqrt(
      (change_count * square_sum - change_sum * change_sum)
      / (change_count * (change_count - 1))
    ) / 2
    end as sigma_1s_ticks
    from spreads
  ),
  offsets as (
    select
    levels.symbol,
    levels.dt,
    levels.window_end_ts,
    levels.level_id,
    cast(levels.level_tick - seconds.spot_tick as integer) as k_ticks,
    seconds.sigma_1s_ticks,
    seconds.moved_half_ticks_3s,
    seconds.moved_half_ticks_15s,
    seconds.moved_half_ticks_60s,
    sign(levels.level_tick - seconds.spot_tick) as side_of_spot,
    seconds.moved_half_ticks_60s / 2 as approach_move_ticks,
    greatest(
      level_settings.approach_min_ticks,
      0.5 * seconds.sigma_1s_ticks * sqrt(60)
    ) as least_move_ticks
    from levels
    inner join seconds on levels.window_end_ts = seconds.window_end_ts
    cross join level_settings
  ),
  closing as (
    select
    *,
    side_of_spot * moved_half_ticks_15s / 30 as closing_speed_15s
    from offsets
  )
  select
  symbol,
  dt,
  window_end_ts,
  level_id,
  k_ticks,
  k_ticks / nullif(sigma_1s_ticks * sqrt(300), 0) as k_vol,
  sigma_1s_ticks,
  moved_half_ticks_3s / 6 as speed_3s,
  moved_half_ticks_15s / 30 as speed_15s,
  closing_speed_15s,
  case when closing_speed_15s > 0 then abs(k_ticks) / closing_speed_15s end as secs_to_touch,
  approach_move_ticks,
  case
  when
  abs(k_ticks) between 1 and 20
  and side_of_spot * approach_move_ticks >= least_move_ticks
  and side_of_spot * moved_half_ticks_15s >= 0
  then if(k_ticks > 0, 'approach_up', 'approach_down')
  else 'approach_none'
  end as approach_dir
  from closing
  order by window_end_ts, level_id
),
level_windows as (
  with
  windows as (
    select
    time_bucket(
      interval 5 second,
      window_start_ts,
      timestamp '1970-01-01'
    ) + interval 5 second as window_end_ts,
    count(*) = 5 and bool_and(window_valid) as window_valid
    from "silver"."book_snapshot_1s"
    where symbol = '$symbol' and dt = date '$dt'
    group by all
  ),
  approaches as (
    select
    levels.symbol,
    levels.dt,
    levels.window_end_ts,
    levels.level_id,
    windows.window_valid,
    levels.is_active,
    levels.is_primary,
    levels.level_tick,
    offsets.k_ticks,
    offsets.sigma_1s_ticks,
    offsets.approach_dir,
    if(offsets.approach_dir = 'approach_none', null, cast(-abs(offsets.k_ticks) as integer))
    as x_ticks,
    level_settings.barrier_mode,
    level_settings.barrier_min_ticks,
    cast(
      case
      when level_settings.barrier_mode = 'fixed' then 8
      when offsets.sigma_1s_ticks is not null
      then greatest(level_settings.barrier_min_ticks, least(40, floor(
            1.0 * offsets.sigma_1s_ticks * sqrt(240)
            + 0.5
      )))
      end as integer
    ) as barrier_ticks
    from levels
    inner join offsets
    on
    levels.window_end_ts = offsets.window_end_ts
    and levels.level_id = offsets.level_id
    inner join windows on levels.window_end_ts = windows.window_end_ts
    cross join level_settings
  ),
  decisions as (
    select
    *,
    coalesce(
      window_valid
      and is_primary
      and approach_dir != 'approach_none'
      and x_ticks > -barrier_ticks,
      false
    ) as is_eligible
    from approaches
  ),
  earlier as (
    select
    cast(null as varchar) as level_id,
    cast(null as varchar) as approach_dir,
    cast(null as timestamp) as window_end_ts,
    cast(null as bigint) as level_tick_first,
    cast(null as timestamp) as first_window_end_ts
    from range(0) as own_rows
  ),
  eligible_windows as (
    select
    level_id,
    approach_dir,
    window_end_ts,
    level_tick,
    cast(null as timestamp) as begun_ts
    from decisions
    where
    is_eligible
    and window_end_ts
    > (select coalesce(max(earlier.window_end_ts), timestamp '-infinity') from earlier)
    union all
    select
    level_id,
    approach_dir,
    window_end_ts,
    level_tick_first as level_tick,
    first_window_end_ts as begun_ts
    from earlier
  ),
  eligible as (
    select
    level_id,
    approach_dir,
    window_end_ts,
    level_tick,
    begun_ts,
    coalesce(
      window_end_ts - lag(window_end_ts) over level_and_direction
      > interval 15 second,
      true
    ) as is_after_gap
    from eligible_windows
    window level_and_direction as (partition by level_id, approach_dir order by window_end_ts)
  ),
  runs as (
    select
    *,
    count(*) filter (is_after_gap) over (
      partition by level_id, approach_dir
      order by window_end_ts
    ) as run_no
    from eligible
  ),
  ticks_of_runs as (
    select
    level_id,
    approach_dir,
    run_no,
    list(window_end_ts order by window_end_ts) as window_end_ts,
    list(begun_ts order by window_end_ts) as begun_ts,
    list_reduce(
      list([level_tick] order by window_end_ts),
      (first_ticks, tick) -> list_append(
        first_ticks,
        if(
          abs(tick[1] - first_ticks[-1]) > 4,
          tick[1],
          first_ticks[-1]
        )
      )
    ) as level_tick_first
    from runs
    group by level_id, approach_dir, run_no
  ),
  windows_of_runs as (
    select
    level_id,
    approach_dir,
    run_no,
    unnest(window_end_ts) as window_end_ts,
    unnest(begun_ts) as begun_ts,
    unnest(level_tick_first) as level_tick_first
    from ticks_of_runs
  ),
  begun as (
    select
    *,
    coalesce(level_tick_first != lag(level_tick_first) over run, true) as begins_episode
    from windows_of_runs
    window run as (partition by level_id, approach_dir, run_no order by window_end_ts)
  ),
  episodes as (
    select
    *,
    max(coalesce(begun_ts, window_end_ts)) filter (begins_episode) over (
      partition by level_id, approach_dir
      order by window_end_ts
    ) as first_window_end_ts
    from begun
  )
  select
  decisions.symbol,
  decisions.dt,
  decisions.window_end_ts,
  decisions.level_id,
  decisions.window_valid,
  decisions.is_active,
  decisions.is_primary,
  decisions.level_tick,
  decisions.k_ticks,
  decisions.sigma_1s_ticks,
  decisions.approach_dir,
  decisions.x_ticks,
  decisions.barrier_mode,
  decisions.barrier_min_ticks,
  decisions.barrier_ticks,
  decisions.is_eligible,
  episodes.first_window_end_ts,
  episodes.level_tick_first
  from decisions
  left join episodes
  on
  decisions.window_end_ts = episodes.window_end_ts
  and decisions.level_id = episodes.level_id
  and decisions.approach_dir = episodes.approach_dir
  order by decisions.window_end_ts, decisions.level_id
),
decisions as (
  select
  * exclude (barrier_ticks),
  'approaching' as decision_phase,
  cast(epoch(window_end_ts) as bigint) as decision_s,
  if(approach_dir = 'approach_up', 1, -1) as direction,
  row_number() over (order by window_end_ts, level_id) as decision_no
  from level_windows
  where
  is_eligible
  and window_end_ts = first_window_end_ts
),
outcomes as (
  with
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
      window_end_ts as moment_ts,
      cast(epoch(window_end_ts) as bigint) as moment_s
      from decisions
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
      decisions.window_end_ts as moment_ts,
      min(struct_pack(
          path_end_s := greatest(
            cast(epoch(decisions.window_end_ts) as bigint),
            epoch_ns(recording_gaps.gap_start_ts) // 1000000000 + 1
          ),
          known_s := (epoch_ns(recording_gaps.known_at_ts) + 999999999) // 1000000000
      )) as earliest
      from decisions
      inner join recording_gaps
      on decisions.window_end_ts < recording_gaps.gap_end_ts
      group by decisions.window_end_ts
    ) as of_gaps on moments.moment_ts = of_gaps.moment_ts
  ),
  kinds as (
    select unnest(['fixed', 'vol']) as barrier_kind
  ),
  horizons as (
    select
    horizon_id,
    elapsed_s,
    bars
    from (values ('s240', 240, null)) as horizons (horizon_id, elapsed_s, bars)
  ),
  ends as (
    select
    decisions.*,
    horizons.horizon_id,
    cast(
      coalesce(
        elapsed_s,
        120 * (bars + 1)
        - cast(epoch(decisions.window_end_ts) as bigint) % 120
      ) as integer
    ) as horizon_s
    from decisions
    cross join horizons
  ),
  labels as (
    select
    ends.*,
    kinds.barrier_kind,
    cast(
      case
      when kinds.barrier_kind = 'fixed' then 8
      when ends.sigma_1s_ticks is not null
      then greatest(ends.barrier_min_ticks, least(40, floor(
            1.0 * ends.sigma_1s_ticks * sqrt(ends.horizon_s)
            + 0.5
      )))
      end as integer
    ) as barrier_ticks
    from ends
    cross join kinds
  ),
  judged as (
    select
    *,
    case
    when barrier_ticks is null then 'no_sigma'
    when abs(x_ticks) >= barrier_ticks then 'beyond_barrier'
    end as label_reason,
    row_number() over (
      order by decision_no, horizon_s, horizon_id, barrier_kind
    ) as label_no
    from labels
  ),
  with_paths as (
    select
    judged.*,
    judged.decision_s + judged.horizon_s as horizon_end_s,
    path_ends.path_end_s,
    path_ends.gap_known_s
    from judged
    inner join path_ends on judged.window_end_ts = path_ends.moment_ts
  ),
  trades as (
    select
    contract_trades.trade_no,
    cast(epoch(contract_trades.window_start_ts) as bigint) as window_s,
    contract_trades.price_int // contract_day.tick_int as trade_tick,
    epoch_ns(contract_trades.ts_event) as ts_event_ns
    from "steps"."contract_trades" as contract_trades
    cross join contract_day
    where
    contract_trades.symbol = '$symbol' and contract_trades.dt = date '$dt'
    and contract_trades.price_int is not null
  ),
  trade_list as (
    select
    coalesce(
      list(struct_pack(
          trade_no := trade_no,
          window_s := window_s,
          trade_tick := trade_tick,
          ts_event_ns := ts_event_ns
      )),
      []
    ) as trades
    from trades
  ),
  label_list as (
    select
    list(label_no order by label_no) as label_nos,
    list(
      struct_pack(
        decision_no := decision_no,
        start_s := decision_s,
        direction := cast(direction as bigint),
        level_tick := level_tick,
        x0_ticks := cast(x_ticks as bigint),
        barrier_ticks := cast(barrier_ticks as bigint),
        horizon_end_s := horizon_end_s,
        path_end_s := path_end_s,
        reach_ticks := if(
          decision_phase = 'approaching',
          2,
          greatest(2, -x_ticks)
        )
      )
      order by label_no
    ) as labels
    from with_paths
    where label_reason is null
  ),
  hits as (
    select
    unnest(label_list.label_nos) as label_no,
    unnest(
      first_hits(trade_list.trades, label_list.labels), recursive := true
    )
    from trade_list
    cross join label_list
  ),
  named_hits as (
    select
    *,
    ['CHOP', 'BREAK', 'REJECT', 'CENSORED', 'NOT_REACHED'][outcome + 1] as outcome_name,
    ['CHOP', 'BREAK', 'REJECT', 'CENSORED', 'NOT_REACHED'][outcome_after_touch + 1] as outcome_after_touch_name,
    ['CHOP', 'BREAK', 'REJECT', 'CENSORED', 'NOT_REACHED'][outcome_reached + 1] as outcome_reached_name,
    ['CHOP', 'BREAK', 'REJECT', 'CENSORED', 'NOT_REACHED'][exit_outcome + 1] as exit_outcome_name,
    case when reached >= 0 then reached = 1 end as is_reached
    from hits
  )
  select
  labels.symbol,
  labels.dt,
  labels.level_id,
  labels.window_end_ts,
  labels.barrier_kind,
  labels.horizon_id,
  labels.decision_phase,
  hits.outcome_name as outcome,
  case
  when hits.outcome_name in ('BREAK', 'REJECT')
  then hits.outcome_name || if(
    (labels.direction = 1) = (hits.outcome_name = 'BREAK'), '_UP', '_DOWN'
  )
  else hits.outcome_name
  end as outcome_dir,
  labels.label_reason,
  labels.barrier_ticks,
  labels.horizon_s,
  labels.x_ticks as x0_ticks,
  if(hits.label_no is null, null, hits.touch_ns is not null or labels.x_ticks >= 0)
  as touched,
  case
  when hits.label_no is not null and labels.x_ticks >= 0
  then cast(labels.window_end_ts as timestamp_ns)
  else make_timestamp_ns(hits.touch_ns)
  end as touch_ts,
  hits.outcome_after_touch_name as outcome_after_touch,
  hits.is_reached as reached,
  case
  when hits.is_reached
  then coalesce(
    make_timestamp_ns(hits.reaching_ns), cast(labels.window_end_ts as timestamp_ns)
  )
  end as reached_ts,
  hits.outcome_reached_name as outcome_reached,
  make_timestamp_ns(hits.reached_hit_ns) as reached_hit_ts,
  case
  when hits.exit_outcome_name != 'CENSORED'
  then coalesce(
    make_timestamp_ns(hits.exit_ns), cast(labels.window_end_ts as timestamp_ns)
  )
  end as exit_ts,
  case
  when hits.exit_outcome_name != 'CENSORED' then cast(hits.exit_x_ticks as integer)
  end as exit_x_ticks,
  case
  when hits.exit_outcome_name != 'CENSORED' then cast(hits.mfe_to_exit_ticks as integer)
  end as mfe_to_exit_ticks,
  case
  when hits.exit_outcome_name != 'CENSORED' then cast(hits.mae_to_exit_ticks as integer)
  end as mae_to_exit_ticks,
  hits.whipsaw_reached = 1 as whipsaw_reached,
  make_timestamp_ns(hits.hit_ns) as first_hit_ts,
  (hits.hit_ns - labels.decision_s * 1000000000) / 1e9 as time_to_hit_s,
  make_timestamp_ns(hits.second_hit_ns) as second_hit_ts,
  if(hits.label_no is null, null, hits.second_hit_ns is not null) as whipsaw_flag,
  cast(hits.mfe_ticks as integer) as mfe_ticks,
  cast(hits.mae_ticks as integer) as mae_ticks,
  if(hits.hit_ns is null, null, cast(hits.adverse_before_hit_ticks as integer))
  as adverse_before_hit_ticks,
  format(
    '{}_{}_{}_{}_{}',
    labels.symbol,
    strftime(labels.dt, '%Y-%m-%d'),
    labels.level_id,
    replace(labels.approach_dir, 'approach_', ''),
    cast(epoch(labels.first_window_end_ts) as bigint)
  ) as episode_id,
  make_timestamp(
    if(hits.is_cut = 1, coalesce(labels.gap_known_s, hits.label_end_s), hits.label_end_s)
    * 1000000
  ) as label_end_ts
  from with_paths as labels
  left join named_hits as hits on labels.label_no = hits.label_no
  order by labels.label_no
)
select
outcomes.symbol,
outcomes.dt,
strikes.strike_price_int,
decisions.approach_dir,
outcomes.window_end_ts,
outcomes.horizon_id,
outcomes.barrier_kind,
strikes.gex_abs,
strikes.is_gamma_wall,
outcomes.barrier_ticks,
outcomes.x0_ticks,
outcomes.reached,
outcomes.reached_ts,
outcomes.outcome_reached,
outcomes.outcome,
outcomes.episode_id,
outcomes.label_end_ts
from outcomes
inner join decisions
on
outcomes.level_id = decisions.level_id
and outcomes.window_end_ts = decisions.window_end_ts
and outcomes.barrier_kind = decisions.barrier_mode
inner join strikes
on
outcomes.level_id = strikes.level_id
and outcomes.window_end_ts = strikes.window_end_ts
order by outcomes.window_end_ts, strikes.strike_price_int, outcomes.horizon_id
