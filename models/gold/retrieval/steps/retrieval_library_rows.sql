-- noqa: disable=LT02,RF04
{{ config(materialized='view') }}

{% set label_columns = {
    'outcome_reached': ('outcomes', 'varchar'),
    'is_reached': ('reached_flags', 'boolean'),
    'reached_time_to_hit_s': ('times_to_hit_s', 'double'),
    'mfe_ticks': ('mfe_ticks', 'integer'),
    'mae_ticks': ('mae_ticks', 'integer'),
    'adverse_ticks': ('adverse_ticks', 'integer'),
    'whipsaw_reached': ('whipsaw_flags', 'boolean'),
    'result_ticks': ('result_ticks', 'integer'),
} %}

with

vectors as (
    select * from {{ ref('retrieval_vectors') }}
),

selection as (
    select * from {{ ref('mbo_contract_day_selection') }}
),

-- the barriers that the contract's decisions go by
barriers as (
    select
        symbol,
        dt,
        any_value(barrier_mode) as barrier_kind
    from {{ ref('level_decisions') }}
    group by symbol, dt
),

primary_labels as (
    select
        level_labels.*,
        (epoch_ns(level_labels.reached_hit_ts) - epoch_ns(level_labels.window_end_ts)) / 1e9
            as reached_time_to_hit_s,
        {{ reached_within_horizon('level_labels') }} as is_reached,
        case level_labels.outcome_reached
            when 'BREAK' then -level_labels.mae_to_exit_ticks
            when 'REJECT' then level_labels.mfe_to_exit_ticks
        end as adverse_ticks,
        level_labels.exit_x_ticks - level_labels.x0_ticks as result_ticks
    from {{ ref('level_labels') }} as level_labels
    inner join barriers
        on
            level_labels.symbol = barriers.symbol
            and level_labels.dt = barriers.dt
            and level_labels.barrier_kind = barriers.barrier_kind
    where
        level_labels.horizon_id in {{ sql_list(library_horizons()) }}
),

labels as (
    select
        symbol,
        dt,
        level_id,
        window_end_ts,
        {% for column, (name, data_type) in label_columns.items() %}
            cast([
                {% for horizon in library_horizons() %}
                    any_value({{ column }}) filter (horizon_id = '{{ horizon }}')
                    {{- "," if not loop.last }}
                {% endfor %}
            ] as {{ data_type }}[]) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from primary_labels
    group by symbol, dt, level_id, window_end_ts
)

select
    selection.root,
    vectors.approach_dir,
    vectors.vector_id,
    vectors.symbol,
    vectors.dt,
    vectors.level_id,
    vectors.window_end_ts,
    vectors.episode_id,
    vectors.decision_phase,
    vectors.k_ticks,
    vectors.vector,
    vectors.context,
    {{ library_horizons() }} as horizons,
    {% for name, _ in label_columns.values() %}
        labels.{{ name }}{{ "," if not loop.last }}
    {% endfor %}
from vectors
inner join selection
    on
        {{ root_of('vectors.symbol') }} = selection.root
        and vectors.session_date = selection.session_date
        and vectors.symbol = selection.selected_symbol
left join labels
    on
        vectors.symbol = labels.symbol
        and vectors.dt = labels.dt
        and vectors.level_id = labels.level_id
        and vectors.window_end_ts = labels.window_end_ts
