with
contract_day as (
  select * from "silver"."contract_days"
  where symbol = '$symbol' and dt = date '$dt'
),
snapshot as (
  select seconds.*
  from "silver"."book_snapshot_1s" as seconds
  cross join contract_day
  where
  seconds.symbol = '$symbol' and seconds.dt = date '$dt'
  and seconds.window_valid
  and (
    contract_day.surface_windows is null
    or len(
      list_filter(
        contract_day.surface_windows,
        part -> seconds.window_start_ts >= part.start_ts
        and seconds.window_start_ts < part.end_ts
      )
    ) > 0
  )
),
recording_gaps as (
  select * from "silver"."recording_gaps"
  where symbol = '$symbol' and dt = date '$dt'
),
fates as (
  select * from "silver"."wall_fates_1s"
  where symbol = '$symbol' and dt = date '$dt'
  qualify row_number() over (
    partition by moment_ts, side, price_int
    order by window_end_ts desc
  ) = 1
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
    from fates
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
    fates.moment_ts as moment_ts,
    min(struct_pack(
        path_end_s := greatest(
          cast(epoch(fates.moment_ts) as bigint),
          epoch_ns(recording_gaps.gap_start_ts) // 1000000000 + 1
        ),
        known_s := (epoch_ns(recording_gaps.known_at_ts) + 999999999) // 1000000000
    )) as earliest
    from fates
    inner join recording_gaps
    on fates.moment_ts < recording_gaps.gap_end_ts
    group by fates.moment_ts
  ) as of_gaps on moments.moment_ts = of_gaps.moment_ts
),
judged as (
  select
  fates.* exclude (reached_ts, outcome),
  case
  when epoch(fates.reached_ts) < path_ends.path_end_s then fates.reached_ts
  end as reached_ts,
  case
  when epoch(fates.window_end_ts) <= path_ends.path_end_s then fates.outcome
  end as outcome,
  make_timestamp(
    coalesce(path_ends.gap_known_s, path_ends.path_end_s) * 1000000
  ) as path_end_known_ts
  from fates
  inner join path_ends on fates.moment_ts = path_ends.moment_ts
)
select
symbol,
dt,
moment_ts as window_end_ts,
side,
price_int,
started_ts,
age_s,
distance_ticks,
depth_qty,
wall_ratio,
ratio_from,
age_from_s,
distance_from_ticks,
reached_ts,
coalesce(outcome, 'censored') as outcome,
if(outcome is null, path_end_known_ts, window_end_ts) as label_end_ts
from judged
order by moment_ts, side, price_int
