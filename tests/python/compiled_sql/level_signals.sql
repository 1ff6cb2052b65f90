with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
seconds as (
  select book.*
  from "silver"."book_snapshot_1s" as book
  cross join contract_day
  where
  book.symbol = '$symbol' and book.dt = date '$dt'
  and book.spot_ref_price_int is not null
  and (
    contract_day.surface_windows is null
    or len(
      list_filter(
        contract_day.surface_windows,
        part -> book.window_start_ts >= part.start_ts
        and book.window_start_ts < part.end_ts
      )
    ) > 0
  )
),
scores as (
  select * from "gold"."break_score_1s"
  where symbol = '$symbol' and dt = date '$dt' and in_monitor_band
),
barriers as (
  select * from "silver"."barrier_engine_1s"
  where symbol = '$symbol' and dt = date '$dt' and in_monitor_band
),
tapes as (
  select * from "silver"."tape_engine_1s"
  where symbol = '$symbol' and dt = date '$dt' and in_monitor_band
),
fuels as (
  select * from "silver"."fuel_engine_1s"
  where symbol = '$symbol' and dt = date '$dt' and in_monitor_band
),
level_definitions as (
  select * from "silver"."level_definitions"
),
answers as (
  select * from "gold"."retrieval_answers"
  where symbol = '$symbol' and dt = date '$dt' and horizon_id = 's240'
),
answered as (
  select
  scores.*,
  if(
    answers.window_end_ts > scores.window_end_ts - interval 5 second,
    struct_pack(
      p_break := answers.p_break,
      p_reject := answers.p_reject,
      p_chop := answers.p_chop,
      base_break := answers.base_break,
      base_reject := answers.base_reject,
      base_chop := answers.base_chop,
      n_eff := answers.n_eff,
      neighbors_ok := answers.neighbors_ok
    ),
    null
  ) as answer
  from scores
  asof left join answers
  on
  scores.level_id = answers.level_id
  and scores.window_end_ts >= answers.window_end_ts
),
levels as (
  select
  answered.window_end_ts,
  [abs(answered.k_ticks), level_definitions.priority] as place,
  struct_pack(
    id := answered.level_id,
    price := answered.level_price_int / 1e9,
    kind := upper(answered.level_id),
    direction := answered.direction,
    distance := answered.k_ticks,
    break_score_raw := answered.score_raw,
    break_score_smooth := answered.score_smooth,
    signal := answered.signal,
    implied_dir := answered.implied_dir,
    signal_means := answered.signal_means,
    confidence := answered.confidence,
    barrier := struct_pack(
      state := barriers.state,
      delta_liq := barriers.delta_liq,
      replenishment_ratio := barriers.replenishment_ratio,
      added := barriers.added,
      canceled := barriers.canceled,
      filled := barriers.filled,
      churn := barriers.churn,
      depth_in_zone := barriers.depth_in_zone,
      defending_quote := struct_pack(
        price := barriers.defending_quote_price_int / 1e9,
        size := barriers.defending_quote_size
      )
    ),
    tape := struct_pack(
      imbalance := tapes.imbalance,
      buy_vol := tapes.buy_vol,
      sell_vol := tapes.sell_vol,
      velocity := tapes.velocity_ticks_s,
      sweep := struct_pack(
        detected := tapes.sweep_detected,
        direction := tapes.sweep_direction,
        num_prints := tapes.sweep_num_prints,
        window_ms := tapes.sweep_span_ms,
        notional := tapes.sweep_notional
      )
    ),
    fuel := struct_pack(
      effect := fuels.effect,
      net_dealer_gamma := fuels.net_dealer_gamma,
      call_wall := fuels.call_wall_price_int / 1e9,
      put_wall := fuels.put_wall_price_int / 1e9,
      gamma_flip := fuels.gamma_flip_price,
      available := fuels.fuel_available
    ),
    runway := struct_pack(
      direction := answered.runway_direction,
      next_level_id := answered.runway_next_level_id,
      distance := answered.runway_ticks,
      quality := answered.runway_quality
    ),
    confluence := struct_pack(
      weight := answered.confluence_weight, levels := answered.confluence_levels
    ),
    retrieval := struct_pack(
      p_break := struct_extract(
        answered.answer, 'p_break'
      ),
      p_reject := struct_extract(
        answered.answer, 'p_reject'
      ),
      p_chop := struct_extract(
        answered.answer, 'p_chop'
      ),
      base_break := struct_extract(
        answered.answer, 'base_break'
      ),
      base_reject := struct_extract(
        answered.answer, 'base_reject'
      ),
      base_chop := struct_extract(
        answered.answer, 'base_chop'
      ),
      n_eff := struct_extract(
        answered.answer, 'n_eff'
      ),
      neighbors_ok := struct_extract(
        answered.answer, 'neighbors_ok'
      )
    )
  ) as reading
  from answered
  inner join barriers
  on
  answered.window_end_ts = barriers.window_end_ts
  and answered.level_id = barriers.level_id
  inner join tapes
  on
  answered.window_end_ts = tapes.window_end_ts
  and answered.level_id = tapes.level_id
  inner join fuels
  on
  answered.window_end_ts = fuels.window_end_ts
  and answered.level_id = fuels.level_id
  inner join level_definitions on answered.level_id = level_definitions.level_id
),
near as (
  select
  window_end_ts,
  list_transform(
    list_sort(list(struct_pack(place := place, reading := reading))),
    level -> level.reading
  ) as levels
  from levels
  group by window_end_ts
)
select
seconds.symbol,
seconds.dt,
seconds.window_start_ts,
seconds.window_end_ts,
to_json(struct_pack(
    ts := epoch_ms(seconds.window_end_ts),
    source := 'replay',
    symbol := seconds.symbol,
    es := struct_pack(
      spot := seconds.spot_ref_price,
      bid := seconds.best_bid_price,
      ask := seconds.best_ask_price
    ),
    levels := coalesce(near.levels, []),
    viewport := struct_pack(
      ts := epoch_ms(seconds.window_end_ts),
      targets := list_transform(coalesce(near.levels, []), level -> level.id)
    )
)) as payload
from seconds
left join near on seconds.window_end_ts = near.window_end_ts
order by seconds.window_end_ts
