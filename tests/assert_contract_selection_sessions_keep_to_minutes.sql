-- Trades are assigned to sessions and to the study window by their minute, which is exact only
-- when these begin and end on whole minutes.
with

session_times as (
    select session_open_local as session_time from {{ ref('instruments') }}
    union all
    select unnest([time '{{ var("rth_start") }}', time '{{ var("rth_end") }}']) as session_time
)

select *
from session_times
where session_time != time_bucket(interval 1 minute, date '2000-01-01' + session_time)::time
