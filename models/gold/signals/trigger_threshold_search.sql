{% set grid = var('trigger_threshold_grid') %}
{% set limits = var('trigger_search_limits') %}

with

judged as (
    select * from {{ ref('trigger_results') }}
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

probabilities as (
    select unnest(cast({{ grid['p_top1_min'] }} as double[])) as p_top1_min
),

margins as (
    select unnest(cast({{ grid['margin_min'] }} as double[])) as margin_min
),

grid as (
    select
        probabilities.p_top1_min,
        margins.margin_min
    from probabilities
    cross join margins
),

episodes as (
    select
        root,
        dt,
        decision_phase,
        count(distinct episode_id) as n_episodes
    from judged
    group by root, dt, decision_phase
),

-- the gate lets one candidate of an episode through: the first, here the first of each phase
fires as (
    select
        judged.root,
        judged.dt,
        judged.decision_phase,
        grid.p_top1_min,
        grid.margin_min,
        arg_min(judged.is_right, judged.window_end_ts) as is_right,
        arg_min(judged.is_chop, judged.window_end_ts) as is_chop,
        arg_min(judged.is_stopped, judged.window_end_ts) as is_stopped,
        arg_min(judged.is_reached, judged.window_end_ts) as is_reached,
        arg_min(judged.result_ticks, judged.window_end_ts) as result_ticks,
        min(judged.window_end_ts) as window_end_ts
    from judged
    inner join grid
        on
            judged.p_top1 >= grid.p_top1_min
            and judged.margin >= grid.margin_min
    where judged.can_fire
    group by
        judged.root,
        judged.dt,
        judged.decision_phase,
        judged.episode_id,
        grid.p_top1_min,
        grid.margin_min
),

days as (
    select
        root,
        dt,
        decision_phase,
        p_top1_min,
        margin_min,
        count(*) as n_fires,
        count(*) filter (is_right) as n_right,
        count(*) filter (is_chop) as n_chop,
        count(*) filter (is_stopped) as n_stopped,
        count(*) filter (is_reached) as n_reached,
        sum(result_ticks) as result_ticks,
        list(result_ticks order by window_end_ts, result_ticks) as results
    from fires
    group by root, dt, decision_phase, p_top1_min, margin_min
),

earlier_episodes as (
    select
        asof_days.root,
        asof_days.dt,
        asof_days.decision_phase,
        coalesce(sum(episodes.n_episodes), 0) as n_episodes
    from asof_days
    left join episodes
        on
            asof_days.root = episodes.root
            and asof_days.dt > episodes.dt
            and asof_days.decision_phase = episodes.decision_phase
    group by asof_days.root, asof_days.dt, asof_days.decision_phase
),

earlier_fires as (
    select
        earlier_episodes.root,
        earlier_episodes.dt,
        earlier_episodes.decision_phase,
        grid.p_top1_min,
        grid.margin_min,
        earlier_episodes.n_episodes,
        coalesce(sum(days.n_fires), 0) as n_fires,
        count(days.n_fires) as n_fire_days,
        coalesce(sum(days.n_right), 0) as n_right,
        coalesce(sum(days.n_chop), 0) as n_chop,
        coalesce(sum(days.n_stopped), 0) as n_stopped,
        coalesce(sum(days.n_reached), 0) as n_reached,
        coalesce(sum(days.result_ticks), 0) as result_ticks,
        flatten(
            coalesce(list(days.results order by days.dt) filter (days.results is not null), [])
        ) as results
    from earlier_episodes
    cross join grid
    left join days
        on
            earlier_episodes.root = days.root
            and earlier_episodes.dt > days.dt
            and earlier_episodes.decision_phase = days.decision_phase
            and grid.p_top1_min = days.p_top1_min
            and grid.margin_min = days.margin_min
    group by
        earlier_episodes.root,
        earlier_episodes.dt,
        earlier_episodes.decision_phase,
        grid.p_top1_min,
        grid.margin_min,
        earlier_episodes.n_episodes
),

rates as (
    select
        earlier_fires.*,
        earlier_fires.n_fires / nullif(earlier_fires.n_episodes, 0) as fire_rate,
        earlier_fires.n_right / nullif(earlier_fires.n_reached, 0) as precision_rate,
        earlier_fires.n_chop / nullif(earlier_fires.n_reached, 0) as chop_rate,
        earlier_fires.n_stopped / nullif(earlier_fires.n_fires, 0) as stop_rate,
        earlier_fires.result_ticks / nullif(earlier_fires.n_fires, 0) - thresholds.cost_ticks
            as edge_ticks,
        -- few fires agree by chance, and fires of one day depend on the day
        lower_mean(
            case
                when
                    earlier_fires.n_fires >= {{ limits['min_fires'] }}
                    and earlier_fires.n_fire_days >= {{ limits['min_fire_days'] }}
                    then cast(earlier_fires.results as double[])
            end,
            {{ var('signal_resamples') }},
            {{ var('evaluation_seed') }}
        ) - thresholds.cost_ticks as edge_lo
    from earlier_fires
    inner join thresholds on earlier_fires.root = thresholds.root
),

feasible as (
    select
        *,
        coalesce(
            precision_rate >= {{ limits['min_precision'] }}
            and chop_rate <= {{ limits['max_chop_rate'] }}
            and stop_rate <= {{ limits['max_stop_rate'] }}
            and fire_rate between {{ limits['fire_rate'] | join(' and ') }}
            and edge_lo > 0,
            false
        ) as is_feasible
    from rates
)

select
    root,
    dt,
    decision_phase,
    p_top1_min,
    margin_min,
    cast(n_episodes as integer) as n_episodes,
    cast(n_fires as integer) as n_fires,
    cast(n_fire_days as integer) as n_fire_days,
    fire_rate,
    precision_rate,
    chop_rate,
    stop_rate,
    edge_ticks,
    edge_lo,
    is_feasible,
    is_feasible and row_number() over (
        partition by root, dt, decision_phase, is_feasible
        order by n_fires * edge_ticks desc, p_top1_min desc, margin_min desc
    ) = 1 as is_chosen
from feasible
