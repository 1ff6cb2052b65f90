-- One row per approach to a level or to its shifted price that came there, by its first window
with

of_levels as (
    select
        outcomes.symbol,
        outcomes.dt,
        outcomes.level_id,
        decisions.approach_dir,
        outcomes.window_end_ts,
        outcomes.x0_ticks,
        outcomes.outcome_reached,
        true as is_level
    from gold.level_outcomes as outcomes
    inner join silver.level_decisions as decisions
        on
            outcomes.symbol = decisions.symbol
            and outcomes.dt = decisions.dt
            and outcomes.level_id = decisions.level_id
            and outcomes.window_end_ts = decisions.window_end_ts
            and outcomes.barrier_kind = decisions.barrier_mode
    where
        outcomes.horizon_id = $horizon_id
        and decisions.decision_phase = 'approaching'
        and decisions.window_end_ts = decisions.first_window_end_ts
),

of_placebos as (
    select
        symbol,
        dt,
        level_id,
        approach_dir,
        window_end_ts,
        x0_ticks,
        outcome_reached,
        false as is_level
    from gold.placebo_outcomes
    where horizon_id = $horizon_id
),

approaches as (
    select * from of_levels
    union all
    select * from of_placebos
)

select
    selected.session_date,
    approaches.level_id,
    kinds.level_kind,
    approaches.approach_dir,
    approaches.x0_ticks,
    approaches.outcome_reached,
    approaches.is_level
from approaches
inner join silver.mbo_contract_day_selection as selected
    on
        approaches.symbol = selected.selected_symbol
        and approaches.dt = selected.session_date
inner join silver.level_definitions as kinds on approaches.level_id = kinds.level_id
where
    selected.root = $root
    and approaches.outcome_reached in ('BREAK', 'REJECT', 'CHOP')
order by selected.session_date, approaches.window_end_ts, approaches.level_id, approaches.is_level
