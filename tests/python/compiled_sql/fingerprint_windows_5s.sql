select fingerprints(
  '$lake/' || '$mbo_path',
  struct_pack(
    tick_int := cast('$tick_int' as bigint),
    day_start_s := cast(epoch(date '$dt') as bigint),
    surfaces_s := list_transform(list_filter(
        list_transform(
          [date '$dt' - 1, date '$dt', date '$dt' + 1],
          local_date -> {
            'start_ts': greatest(
              timezone('UTC', timezone('America/New_York', local_date + time '09:15')),
              cast(date '$dt' as timestamp)
            ),
            'end_ts': least(
              timezone('UTC', timezone('America/New_York', local_date + time '12:30')),
              cast(date '$dt' as timestamp) + interval 1 day
            )
          }
        ),
        part -> part.start_ts < part.end_ts
      ), part -> [cast(epoch(part.start_ts) as bigint), cast(epoch(part.end_ts) as bigint)]),
    max_ticks := 20,
    requote_ms := 50,
    requote_max_ticks := 2,
    chase_ms := 50,
    withdraw_ms := 20,
    withdraw_max_ticks := 4,
    refill_ms := 20,
    periodicity_min_arrivals := 12,
    periodicity_sizes := 10,
    periodicity_fundamental_share := 0.35,
    periodicity_fundamental_min := 12
  ),
  '$lake/.spymaster-scratch/fingerprint_windows_5s/$symbol-$dt'
);
with windows as (
  select * from read_parquet('$lake/.spymaster-scratch/fingerprint_windows_5s/$symbol-$dt/windows.parquet')
)
select
'$symbol' as symbol,
date '$dt' as dt,
make_timestamp((windows.window_end_s - 5) * 1000000) as window_start_ts,
make_timestamp(windows.window_end_s * 1000000) as window_end_ts,
windows.side,
windows.add_count,
windows.add_size_entropy,
windows.top_size,
windows.top_size_share,
windows.top_size_share_null_q95,
windows.cancel_count,
windows.requote_count,
windows.requote_pair_count,
windows.requote_median_ms,
windows.requote_share,
windows.requote_share_null_q95,
windows.chase_share,
windows.chase_share_null_q95,
windows.approached_qty,
windows.withdrawn_qty,
windows.withdraw_on_approach_share,
windows.withdraw_on_approach_share_null_q95,
windows.react_1ms,
windows.react_1ms_null_q95,
windows.react_5ms,
windows.react_5ms_null_q95,
windows.react_20ms,
windows.react_20ms_null_q95,
windows.n_orders_max_life_ms_10,
windows.refill_count,
windows.refill_qty,
windows.reload_count,
windows.reload_qty,
windows.hidden_fill_qty,
windows.periodicity_s,
windows.periodicity_size,
windows.periodicity_n,
windows.periodicity_power,
windows.periodicity_coherence,
windows.periodicity_p
from windows
order by windows.window_end_s, windows.side
