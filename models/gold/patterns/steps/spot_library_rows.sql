-- noqa: disable=LT02,RF04
{{ config(materialized='view') }}

{% set label_columns = {
    'outcome': ('outcomes', 'varchar'),
    'is_whole': ('reached_flags', 'boolean'),
    'time_to_hit_s': ('times_to_hit_s', 'double'),
    'mfe_ticks': ('mfe_ticks', 'integer'),
    'mae_ticks': ('mae_ticks', 'integer'),
    'adverse_before_hit_ticks': ('adverse_ticks', 'integer'),
    'whipsaw_flag': ('whipsaw_flags', 'boolean'),
    'exit_x_ticks': ('result_ticks', 'integer'),
} %}

with

vectors as (
    select * from {{ ref('spot_vectors') }}
    where {{ is_spot_query('window_end_ts') }}
),

selection as (
    select * from {{ ref('mbo_contract_day_selection') }}
),

moments as (
    select * from {{ ref('spot_moments') }}
),

-- of the contract's own kind of barriers; price is at spot, so only a cut-off path is not known
primary_labels as (
    select
        spot_outcomes.*,
        if(spot_outcomes.outcome = 'CENSORED', null, true) as is_whole
    from {{ ref('spot_outcomes') }} as spot_outcomes
    inner join moments
        on
            spot_outcomes.symbol = moments.symbol
            and spot_outcomes.dt = moments.dt
            and spot_outcomes.window_end_ts = moments.window_end_ts
            and spot_outcomes.barrier_kind = moments.barrier_mode
    where {{ is_spot_query('spot_outcomes.window_end_ts') }}
),

labels as (
    select
        symbol,
        dt,
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
    group by symbol, dt, window_end_ts
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
    vectors.k_ticks,
    cast(vectors.vector as float[]) as vector,
    cast(vectors.context as float[]) as context,
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
        and vectors.window_end_ts = labels.window_end_ts
