-- Per direction and state that names an outcome: how often it was seen to hold during an approach,
-- how often that outcome did not follow, and the hours that were looked at
with

selected as (
    select
        session_date,
        selected_symbol
    from silver.mbo_contract_day_selection
    where root = $root and selected_symbol is not null
),

alarms as (
    select
        states.symbol,
        states.dt,
        states.level_id,
        decisions.approach_dir,
        states.state,
        states.window_end_ts
    from silver.turn_states_1s as states
    inner join selected
        on
            states.symbol = selected.selected_symbol
            and states.dt = selected.session_date
    -- during an approach that is judged
    inner join silver.level_decisions as decisions
        on
            states.symbol = decisions.symbol
            and states.dt = decisions.dt
            and states.level_id = decisions.level_id
            and time_bucket(
                to_seconds($window_s), states.window_end_ts, timestamp '1970-01-01'
            ) = decisions.window_end_ts
            and states.level_side = if(decisions.approach_dir = 'approach_up', 1, -1)
    where
        decisions.is_eligible
        and states.condition_window_s = $condition_window_s
        and states.state in ('all_four', 'ahead_only')
        and states.held_s = $hold_s
),

judged as (
    select
        alarms.*,
        exists(
            select 1
            from lead_times
            where
                lead_times.symbol = alarms.symbol
                and lead_times.level_id = alarms.level_id
                and lead_times.approach_dir = alarms.approach_dir
                and lead_times.state = alarms.state
                and alarms.window_end_ts >= lead_times.first_window_end_ts
                and alarms.window_end_ts <= lead_times.hit_ts
        ) as came_true
    from alarms
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
    judged.approach_dir,
    judged.state,
    count(*) as n_alarms,
    count(*) filter (not judged.came_true) as n_false_alarms,
    study.study_hours
from judged
cross join study
group by judged.approach_dir, judged.state, study.study_hours
