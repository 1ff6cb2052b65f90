with
moments as (
  select * from "steps"."level_event_moments"
  where symbol = '$symbol' and dt = date '$dt'
),
levels as (
  select * from "silver"."levels_1s"
  where symbol = '$symbol' and dt = date '$dt' and is_active
),
offsets as (
  select * from "silver"."level_offset_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
surface as (
  select * from "silver"."gex_surface_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
summary as (
  select * from "silver"."gex_summary_1s"
  where symbol = '$symbol' and dt = date '$dt'
),
strikes as (
  select
  moments.event_id,
  surface.strike_price_int > moments.level_price_int as is_above,
  struct_pack(
    distance_int := abs(surface.strike_price_int - moments.level_price_int),
    gex := surface.gex,
    gex_call_abs := surface.gex_call_abs,
    gex_put_abs := surface.gex_put_abs
  ) as strike
  from moments
  inner join surface on moments.event_ts = surface.window_end_ts
  where surface.strike_price_int != moments.level_price_int
),
sorted_strikes as (
  select
  event_id,
  list_sort(list(strike) filter (is_above)) as above,
  list_sort(list(strike) filter (not is_above)) as below
  from strikes
  group by event_id
),
constellations as (
  select
  moments.event_id,
  max(offsets.k_ticks) filter (levels.level_id = 'pm_high')
  as dist_to_pm_high_ticks,
  max(offsets.k_vol) filter (levels.level_id = 'pm_high')
  as dist_to_pm_high_vol,
  max(offsets.k_ticks) filter (levels.level_id = 'pm_low')
  as dist_to_pm_low_ticks,
  max(offsets.k_vol) filter (levels.level_id = 'pm_low')
  as dist_to_pm_low_vol,
  max(offsets.k_ticks) filter (levels.level_id = 'or_high')
  as dist_to_or_high_ticks,
  max(offsets.k_vol) filter (levels.level_id = 'or_high')
  as dist_to_or_high_vol,
  max(offsets.k_ticks) filter (levels.level_id = 'or_low')
  as dist_to_or_low_ticks,
  max(offsets.k_vol) filter (levels.level_id = 'or_low')
  as dist_to_or_low_vol,
  max(offsets.k_ticks) filter (levels.level_id = 'sma_90')
  as dist_to_sma_90_ticks,
  max(offsets.k_vol) filter (levels.level_id = 'sma_90')
  as dist_to_sma_90_vol,
  max(offsets.k_ticks) filter (levels.level_id = 'sma_200')
  as dist_to_sma_200_ticks,
  max(offsets.k_vol) filter (levels.level_id = 'sma_200')
  as dist_to_sma_200_vol,
  max(offsets.k_ticks) filter (levels.level_id = 'sma_400')
  as dist_to_sma_400_ticks,
  max(offsets.k_vol) filter (levels.level_id = 'sma_400')
  as dist_to_sma_400_vol,
  count(*) filter (
    levels.level_id != moments.level_id
    and abs(levels.level_tick - moments.level_tick) <= 8
  ) as level_stacking_8ticks,
  count(*) filter (
    levels.level_id != moments.level_id
    and abs(levels.level_tick - moments.level_tick) <= 20
  ) as level_stacking_20ticks,
  count(*) filter (
    levels.level_id != moments.level_id
    and abs(levels.level_tick - moments.level_tick) <= 40
  ) as level_stacking_40ticks
  from moments
  inner join levels on moments.event_ts = levels.window_end_ts
  inner join offsets
  on
  levels.window_end_ts = offsets.window_end_ts
  and levels.level_id = offsets.level_id
  group by moments.event_id
)
select
moments.event_id,
moments.symbol,
moments.dt,
summary.gex as gamma_exposure,
case
when list_count(list_transform(sorted_strikes.above, strike -> strike.gex)[:1]) = 1 then list_sum(list_transform(sorted_strikes.above, strike -> strike.gex)[:1])
end as gex_above_1strike,
case
when list_count(list_transform(sorted_strikes.above, strike -> strike.gex)[:2]) = 2 then list_sum(list_transform(sorted_strikes.above, strike -> strike.gex)[:2])
end as gex_above_2strike,
case
when list_count(list_transform(sorted_strikes.above, strike -> strike.gex)[:3]) = 3 then list_sum(list_transform(sorted_strikes.above, strike -> strike.gex)[:3])
end as gex_above_3strike,
case
when list_count(list_transform(sorted_strikes.below, strike -> strike.gex)[:1]) = 1 then list_sum(list_transform(sorted_strikes.below, strike -> strike.gex)[:1])
end as gex_below_1strike,
case
when list_count(list_transform(sorted_strikes.below, strike -> strike.gex)[:2]) = 2 then list_sum(list_transform(sorted_strikes.below, strike -> strike.gex)[:2])
end as gex_below_2strike,
case
when list_count(list_transform(sorted_strikes.below, strike -> strike.gex)[:3]) = 3 then list_sum(list_transform(sorted_strikes.below, strike -> strike.gex)[:3])
end as gex_below_3strike,
case
when list_count(list_transform(sorted_strikes.above, strike -> strike.gex_call_abs)[:1]) = 1 then list_sum(list_transform(sorted_strikes.above, strike -> strike.gex_call_abs)[:1])
end as call_gex_above_1strike,
case
when list_count(list_transform(sorted_strikes.above, strike -> strike.gex_call_abs)[:2]) = 2 then list_sum(list_transform(sorted_strikes.above, strike -> strike.gex_call_abs)[:2])
end as call_gex_above_2strike,
case
when list_count(list_transform(sorted_strikes.above, strike -> strike.gex_call_abs)[:3]) = 3 then list_sum(list_transform(sorted_strikes.above, strike -> strike.gex_call_abs)[:3])
end as call_gex_above_3strike,
case
when list_count(list_transform(sorted_strikes.below, strike -> strike.gex_put_abs)[:1]) = 1 then list_sum(list_transform(sorted_strikes.below, strike -> strike.gex_put_abs)[:1])
end as put_gex_below_1strike,
case
when list_count(list_transform(sorted_strikes.below, strike -> strike.gex_put_abs)[:2]) = 2 then list_sum(list_transform(sorted_strikes.below, strike -> strike.gex_put_abs)[:2])
end as put_gex_below_2strike,
case
when list_count(list_transform(sorted_strikes.below, strike -> strike.gex_put_abs)[:3]) = 3 then list_sum(list_transform(sorted_strikes.below, strike -> strike.gex_put_abs)[:3])
end as put_gex_below_3strike,
constellations.dist_to_pm_high_ticks,
constellations.dist_to_pm_low_ticks,
constellations.dist_to_or_high_ticks,
constellations.dist_to_or_low_ticks,
constellations.dist_to_sma_90_ticks,
constellations.dist_to_sma_200_ticks,
constellations.dist_to_sma_400_ticks,
constellations.dist_to_pm_high_vol,
constellations.dist_to_pm_low_vol,
constellations.dist_to_or_high_vol,
constellations.dist_to_or_low_vol,
constellations.dist_to_sma_90_vol,
constellations.dist_to_sma_200_vol,
constellations.dist_to_sma_400_vol,
cast(constellations.level_stacking_8ticks as integer)
as level_stacking_8ticks,
cast(constellations.level_stacking_20ticks as integer)
as level_stacking_20ticks,
cast(constellations.level_stacking_40ticks as integer)
as level_stacking_40ticks
from moments
inner join constellations on moments.event_id = constellations.event_id
left join sorted_strikes on moments.event_id = sorted_strikes.event_id
left join summary on moments.event_ts = summary.window_end_ts
order by moments.event_id
