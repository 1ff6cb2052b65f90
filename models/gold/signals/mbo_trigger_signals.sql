-- noqa: disable=LT02,RF04
{{ partitioned_by(
    'trigger_rules_in_force',
    inputs=['trigger_candidates', 'approach_windows_5s', 'level_decisions'],
) }}

{% set window_s = var('vector_window_s') %}
{% set searched = ['p_top1_min', 'margin_min'] %}

with

candidates as (
    select * from {{ ref('trigger_candidates') }}
    where {{ in_partition() }}
),

seed_thresholds as (
    select * from {{ ref('trigger_thresholds') }}
    where root = {{ partition_value('root') }}
),

found_thresholds as (
    select * from {{ ref('trigger_threshold_search') }}
    where
        root = {{ partition_value('root') }}
        and dt = {{ partition_value('dt') }}
        and is_chosen
),

phases as (
    select unnest(['approaching', 'at', 'through', 'back']) as decision_phase
),

-- of each phase: with tune_trigger_thresholds those that the search found, and nothing fires
-- before it has found some
thresholds as (
    select
        phases.decision_phase,
        seed_thresholds.* exclude (p_top1_min, margin_min),  -- noqa: RF02
        {% for name in searched %}
            {% if var('tune_trigger_thresholds') %}
                found_thresholds.{{ name }},
            {% else %}
                seed_thresholds.{{ name }},
            {% endif %}
        {% endfor %}
        {% if var('tune_trigger_thresholds') %}
            found_thresholds.root is not null as is_feasible
        {% else %}
            true as is_feasible
        {% endif %}
    from seed_thresholds
    cross join phases
    left join found_thresholds
        on
            seed_thresholds.root = found_thresholds.root
            and phases.decision_phase = found_thresholds.decision_phase
),

approach_windows as (
    select * from {{ ref('approach_windows_5s') }}
    where
        {{ in_partition() }}
        and {{ in_session("window_end_ts - interval '" ~ window_s ~ " second'", 'rth_study') }}
),

decisions as (
    select * from {{ ref('level_decisions') }}
    where
        {{ in_partition() }}
        and {{ in_session("window_end_ts - interval '" ~ window_s ~ " second'", 'rth_study') }}
),

condition_record as (
    select * from {{ ref('trigger_condition_record') }}
    where
        root = {{ partition_value('root') }}
        and dt = {{ partition_value('dt') }}
),

answered as (
    select
        candidates.*,
        thresholds.p_top1_min,
        thresholds.margin_min,
        condition_record.n_fires as record_n_fires,
        condition_record.edge_ticks as record_edge_ticks,
        condition_record.edge_lo as record_edge_lo,
        candidates.is_confirmed and coalesce(condition_record.is_earning, false) as has_record,
        coalesce(
            candidates.ineligible_reason,
            case
                when not thresholds.is_feasible then 'no_feasible_threshold'
                when candidates.p_top1 < thresholds.p_top1_min then 'p_low'
                when candidates.margin < thresholds.margin_min then 'margin_low'
            end,
            candidates.shape_reason,
            candidates.verdict_reason
        ) as neighbors_block_reason
    from candidates
    inner join thresholds on candidates.decision_phase = thresholds.decision_phase
    left join condition_record on candidates.decision_phase = condition_record.decision_phase
),

-- either the neighbors carry a signal, or the conditions that confirm the odds
reasoned as (
    select
        *,
        case
            when neighbors_block_reason is null then 'neighbors'
            when has_record then 'conditions'
        end as candidate_source,
        case
            when neighbors_block_reason is null or has_record then null
            when is_confirmed then 'record_low'
            else neighbors_block_reason
        end as candidate_block_reason
    from answered
),

-- decisions while price approaches have a gate, and decisions at and past the level another: each
-- sees every window, and a direction only where its own decisions may lie
sides as (
    select
        level_id,
        window_end_ts,
        false as has_reached,
        if(is_primary, approach_dir, null) as approach_dir
    from approach_windows
    union all
    select
        level_id,
        window_end_ts,
        true as has_reached,
        if(decision_phase != 'approaching', approach_dir, null) as approach_dir
    from decisions
),

-- a window without a vector is no candidate, but counts
windows as (
    select
        sides.has_reached,
        sides.level_id,
        sides.window_end_ts,
        cast(epoch(sides.window_end_ts) as bigint) // {{ window_s }} as number,
        case sides.approach_dir
            when 'approach_up' then 1
            when 'approach_down' then -1
            else 0
        end as direction,
        reasoned.vector_id is not null and reasoned.candidate_block_reason is null as is_candidate
    from sides
    left join reasoned
        on
            sides.level_id = reasoned.level_id
            and sides.window_end_ts = reasoned.window_end_ts
            and sides.has_reached = (reasoned.decision_phase != 'approaching')
),

by_level as (
    select
        windows.has_reached,
        windows.level_id,
        list(windows.window_end_ts order by windows.number) as window_end_ts,
        fire_gate(
            list(
                struct_pack(
                    number := windows.number,
                    direction := cast(windows.direction as bigint),
                    is_candidate := windows.is_candidate
                )
                order by windows.number
            ),
            {
                'none_windows': any_value(cast(seed_thresholds.none_windows as bigint)),
                'flip_windows': any_value(cast(seed_thresholds.flip_windows as bigint)),
                'cooldown_windows': any_value(cast(seed_thresholds.cooldown_windows as bigint))
            }
        ) as verdicts
    from windows
    cross join seed_thresholds
    -- nothing changes, and nothing fires, where price does not approach
    where windows.direction != 0
    group by windows.has_reached, windows.level_id
),

gated as (
    select
        has_reached,
        level_id,
        unnest(window_end_ts) as window_end_ts,
        -- a column per field of the verdicts
        unnest(verdicts, recursive := true)  -- noqa: AL03
    from by_level
)

select
    reasoned.window_end_ts as trigger_ts,
    reasoned.session_date,
    reasoned.symbol,
    reasoned.dt,
    reasoned.level_id,
    reasoned.vector_id,
    reasoned.k_ticks,
    reasoned.distance_band,
    reasoned.approach_dir,
    reasoned.decision_phase,
    reasoned.episode_id,
    '{{ var("signal_horizon") }}' as h_fire,
    reasoned.p_break,
    reasoned.p_reject,
    reasoned.p_chop,
    reasoned.p_reached,
    reasoned.p_top1,
    reasoned.margin,
    reasoned.risk_q80_ticks,
    reasoned.resolve_rate,
    reasoned.whipsaw_rate,
    reasoned.c_top1,
    reasoned.cost_ticks,
    reasoned.edge_ticks,
    reasoned.edge_lo,
    case
        when not gated.fires then 'NONE'
        when ends_with(reasoned.c_top1, '_UP') then 'LONG'
        else 'SHORT'
    end as signal,
    gated.fires as fire_flag,
    if(gated.fires, reasoned.candidate_source, null) as signal_source,
    coalesce(reasoned.candidate_block_reason, gated.block_reason) as block_reason,
    reasoned.neighbors_ok,
    reasoned.is_similar,
    reasoned.n_eff,
    reasoned.base_top1,
    reasoned.verdict,
    reasoned.verdict_run,
    reasoned.p_top1_min,
    reasoned.margin_min,
    reasoned.recent_state,
    reasoned.record_n_fires,
    reasoned.record_edge_ticks,
    reasoned.record_edge_lo,
    gated.signal_episode
from reasoned
inner join gated
    on
        reasoned.level_id = gated.level_id
        and reasoned.window_end_ts = gated.window_end_ts
        and (reasoned.decision_phase != 'approaching') = gated.has_reached
order by reasoned.level_id, reasoned.window_end_ts
