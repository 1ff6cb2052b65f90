-- Alarms, false alarms and study hours per direction and state that names an outcome
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
),

-- a state that never held counts zero alarms, not NULL
counted as (
    select
        states.state,
        directions.approach_dir
    from (select unnest(['all_four', 'ahead_only']) as state) as states
    cross join (select unnest(['approach_up', 'approach_down']) as approach_dir) as directions
)

select
    counted.approach_dir,
    counted.state,
    count(alarms.alarm_ts) as n_alarms,
    count(*) filter (not alarms.came_true) as n_false_alarms,
    study.study_hours
from counted
cross join study
left join alarms
    on
        counted.approach_dir = alarms.approach_dir
        and counted.state = alarms.state
group by counted.approach_dir, counted.state, study.study_hours
