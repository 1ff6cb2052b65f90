select book_engine(
  '$lake/' || if('$book_source' = 'mbo', '$book_path', null),
  '$lake/' || if('$book_source' = 'mbp10', '$book_path', null),
  struct_pack(
    tick_int := (select tick_int from "silver"."contract_days" where symbol = '$symbol' and dt = date '$dt'),
    day_start_ns := epoch_ns(cast(date '$dt' as timestamp)),
    trading_intervals := list_transform((select trading_intervals from "silver"."contract_days" where symbol = '$symbol' and dt = date '$dt'),
      part -> struct_pack(open_ns := epoch_ns(part.open_ts),
        close_ns := epoch_ns(part.close_ts),
        is_open_at_once := part.is_open_at_once)),
    stale_after_s := (select stale_after_s from "silver"."contract_days" where symbol = '$symbol' and dt = date '$dt'),
    surface_windows_ns := list_transform((select surface_windows from "silver"."contract_days" where symbol = '$symbol' and dt = date '$dt'),
      part -> [epoch_ns(part.start_ts),
        epoch_ns(part.end_ts)]),
    input_content_hash := (select book_content_hash from "silver"."contract_days" where symbol = '$symbol' and dt = date '$dt'),
    wall_max_ticks := 400,
    rest_ns := 500000000,
    unknown_cancel_rate_max := 0.01,
    unknown_cancel_min_cancels := 100,
    unknown_cancel_lookback_s := 60
  ),
  '$lake/.spymaster-scratch/book_engine_manifest/$symbol-$dt'
);
with
summary as (
  select * from read_parquet('$lake/.spymaster-scratch/book_engine_manifest/$symbol-$dt/book_engine_qa.parquet')
),
contents as (
  select * from read_parquet('$lake/.spymaster-scratch/book_engine_manifest/$symbol-$dt/contents.parquet')
),
counts as (
  select
  sum(n_rows) filter (relation = 'book_snapshot_1s') as book_snapshot_1s_rows,
  sum(n_rows) filter (relation = 'wall_surface_1s') as wall_surface_1s_rows,
  sum(n_rows) filter (relation = 'reprice_flow_1s') as reprice_flow_1s_rows,
  sum(n_rows) filter (relation = 'book_engine_qa') as book_engine_qa_rows
  from contents
)
select
'$symbol' || '|' || '$dt' as partition_key,
'$symbol' as symbol,
date '$dt' as dt,
summary.engine_version,
summary.input_content_hash,
summary.output_content_hash,
cast(400 as bigint) as wall_max_ticks,
cast(500000000 as bigint) as rest_ns,
summary.n_records,
parse_filename(split_part(
    '$partition_files', chr(10), 1
)) as book_snapshot_1s_file,
cast(counts.book_snapshot_1s_rows as bigint) as book_snapshot_1s_rows,
parse_filename(split_part(
    '$partition_files', chr(10), 2
)) as wall_surface_1s_file,
cast(counts.wall_surface_1s_rows as bigint) as wall_surface_1s_rows,
parse_filename(split_part(
    '$partition_files', chr(10), 3
)) as reprice_flow_1s_file,
cast(counts.reprice_flow_1s_rows as bigint) as reprice_flow_1s_rows,
parse_filename(split_part(
    '$partition_files', chr(10), 4
)) as book_engine_qa_file,
cast(counts.book_engine_qa_rows as bigint) as book_engine_qa_rows
from summary
cross join counts
