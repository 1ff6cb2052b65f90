with

selection as (
    select * from {{ ref('mbo_contract_day_selection') }}
),

-- every landed contract has candidates; the market of a day is that of the selected one
candidates as (
    select trigger_candidates.*
    from {{ ref('trigger_candidates') }} as trigger_candidates
    inner join selection
        on
            trigger_candidates.root = selection.root
            and trigger_candidates.session_date = selection.session_date
            and trigger_candidates.symbol = selection.selected_symbol
    where trigger_candidates.ineligible_reason is distinct from 'beyond_barrier'
),

-- the barriers of the contract's decisions
barriers as (
    select
        symbol,
        dt,
        any_value(barrier_mode) as barrier_kind
    from {{ ref('level_decisions') }}
    group by symbol, dt
),

labels as (
    select level_labels.*
    from {{ ref('level_labels') }} as level_labels
    inner join barriers
        on
            level_labels.symbol = barriers.symbol
            and level_labels.dt = barriers.dt
            and level_labels.barrier_kind = barriers.barrier_kind
    where
        level_labels.horizon_id = '{{ var("signal_horizon") }}'
        and level_labels.exit_x_ticks is not null
),

thresholds as (
    select * from {{ ref('trigger_thresholds') }}
),

-- decisions with a known result of a position and odds of the search
sided as (
    select
        candidates.root,
        candidates.symbol,
        candidates.dt,
        candidates.level_id,
        candidates.window_end_ts,
        candidates.decision_phase,
        candidates.episode_id,
        candidates.p_top1,
        candidates.margin,
        candidates.base_top1,
        candidates.is_confirmed,
        labels.x0_ticks,
        labels.exit_x_ticks,
        labels.barrier_ticks,
        candidates.ineligible_reason is null and candidates.shape_reason is null as can_fire,
        starts_with(candidates.c_top1, labels.outcome_reached) as is_right,
        labels.outcome_reached = 'CHOP' as is_chop,
        labels.outcome_reached in ('BREAK', 'REJECT', 'CHOP') as is_reached,
        if(starts_with(candidates.c_top1, 'BREAK'), 1, -1) as side,
        if(
            starts_with(candidates.c_top1, 'BREAK'),
            -labels.mae_to_exit_ticks,
            labels.mfe_to_exit_ticks
        ) as adverse_ticks
    from candidates
    inner join labels
        on
            candidates.symbol = labels.symbol
            and candidates.dt = labels.dt
            and candidates.level_id = labels.level_id
            and candidates.window_end_ts = labels.window_end_ts
    where candidates.is_similar
)

select
    sided.root,
    sided.symbol,
    sided.dt,
    sided.level_id,
    sided.window_end_ts,
    sided.decision_phase,
    sided.episode_id,
    sided.p_top1,
    sided.margin,
    sided.base_top1,
    sided.can_fire,
    sided.is_confirmed,
    sided.is_right,
    sided.is_chop,
    sided.is_reached,
    -- the stop: an adverse move larger than a candidate may expect, or the other barrier
    sided.adverse_ticks > thresholds.risk_q80_ticks_max
    or sided.side * sided.exit_x_ticks <= -sided.barrier_ticks as is_stopped,
    -- result of a position before its cost
    sided.side * (sided.exit_x_ticks - sided.x0_ticks) as result_ticks
from sided
inner join thresholds on sided.root = thresholds.root
