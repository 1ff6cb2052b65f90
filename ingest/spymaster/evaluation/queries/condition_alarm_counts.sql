-- Per direction and state that names an outcome: alarms, those that the outcome did not follow, and
-- the hours that were looked at
with

selected as (
    select
        session_date,
        selected_symbol
    from silver.mbo_contract_day_selection
    where root = $root and selected_symbol is not null
),

study as (
    select count(*) / 3600 as study_hours
    from silver.book_snapshot_1s as snapshot
    inner join selected
        on
            snapshot.symbol = selected.selected_symbol
            and snapshot.dt = selected.session_date
    where
        snapshot.window_valid
        and cast(timezone($zone, timezone('UTC', snapshot.window_start_ts)) as time)
        >= cast($study_start as time)
        and cast(timezone($zone, timezone('UTC', snapshot.window_start_ts)) as time)
        < cast($study_end as time)
)

select
    alarms.approach_dir,
    alarms.state,
    count(*) as n_alarms,
    count(*) filter (not alarms.came_true) as n_false_alarms,
    study.study_hours
from alarms
cross join study
group by alarms.approach_dir, alarms.state, study.study_hours
