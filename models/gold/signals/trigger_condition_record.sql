{% set limits = var('trigger_search_limits') %}

with

results as (
    select * from {{ ref('trigger_results') }}
    where is_confirmed
),

thresholds as (
    select * from {{ ref('trigger_thresholds') }}
),

phases as (
    select unnest(['approaching', 'at', 'through', 'back']) as decision_phase
),

asof_days as (
    select
        retrieval_days.root,
        retrieval_days.dt,
        phases.decision_phase
    from {{ ref('retrieval_days') }} as retrieval_days
    cross join phases
),

-- the gate lets one candidate of an episode through: the first, here the first of each phase
fires as (
    select
        root,
        dt,
        decision_phase,
        episode_id,
        arg_min(is_reached, window_end_ts) as is_reached,
        arg_min(cast(is_right as integer), window_end_ts) as was_right,
        arg_min(base_top1, window_end_ts) as base_top1,
        arg_min(result_ticks, window_end_ts) as result_ticks,
        min(window_end_ts) as window_end_ts
    from results
    group by root, dt, decision_phase, episode_id
),

days as (
    select
        root,
        dt,
        decision_phase,
        count(*) as n_fires,
        count(*) filter (is_reached) as n_reached,
        sum(was_right) filter (is_reached) as n_right,
        sum(base_top1 order by window_end_ts, episode_id) filter (is_reached) as usual,
        sum(result_ticks) as result_ticks,
        list(result_ticks order by window_end_ts, episode_id) as results,
        list(was_right - base_top1 order by window_end_ts, episode_id)
        filter (is_reached) as gains
    from fires
    group by root, dt, decision_phase
),

earlier_fires as (
    select
        asof_days.root,
        asof_days.dt,
        asof_days.decision_phase,
        coalesce(sum(days.n_fires), 0) as n_fires,
        count(days.n_fires) as n_fire_days,
        sum(days.n_right) as n_right,
        sum(days.usual order by days.dt) as usual,
        sum(days.n_reached) as n_reached,
        sum(days.result_ticks) as result_ticks,
        flatten(list(days.results order by days.dt) filter (days.results is not null)) as results,
        flatten(list(days.gains order by days.dt) filter (days.gains is not null)) as gains
    from asof_days
    left join days
        on
            asof_days.root = days.root
            and asof_days.dt > days.dt
            and asof_days.decision_phase = days.decision_phase
    group by asof_days.root, asof_days.dt, asof_days.decision_phase
),

-- a bound needs enough fires and days: few fires agree by chance, fires of one day depend on it
supported as (
    select
        *,
        n_fires >= {{ limits['min_fires'] }}
        and n_fire_days >= {{ limits['min_fire_days'] }} as is_enough
    from earlier_fires
),

bounded as (
    select
        supported.*,
        supported.n_right / nullif(supported.n_reached, 0) as precision_rate,
        supported.usual / nullif(supported.n_reached, 0) as usual_rate,
        supported.result_ticks / nullif(supported.n_fires, 0) - thresholds.cost_ticks
            as edge_ticks,
        lower_mean(
            case when supported.is_enough then cast(supported.gains as double[]) end,
            {{ var('signal_resamples') }},
            {{ var('evaluation_seed') }}
        ) as gain_lo,
        lower_mean(
            case when supported.is_enough then cast(supported.results as double[]) end,
            {{ var('signal_resamples') }},
            {{ var('evaluation_seed') }}
        ) - thresholds.cost_ticks as edge_lo
    from supported
    inner join thresholds on supported.root = thresholds.root
)

select
    root,
    dt,
    decision_phase,
    cast(n_fires as integer) as n_fires,
    cast(n_fire_days as integer) as n_fire_days,
    precision_rate,
    usual_rate,
    gain_lo,
    edge_ticks,
    edge_lo,
    coalesce(gain_lo > 0 and edge_lo > 0, false) as is_earning
from bounded
