-- noqa: disable=LT02,RF04
{{ config(materialized='view') }}

{% set label_columns = {
    'outcome': ('outcomes', 'varchar'),
    'time_to_hit_s': ('times_to_hit_s', 'double'),
    'mfe_ticks': ('mfe_ticks', 'integer'),
    'mae_ticks': ('mae_ticks', 'integer'),
    'adverse_before_hit_ticks': ('adverse_ticks', 'integer'),
    'whipsaw_flag': ('whipsaw_flags', 'boolean'),
} %}

with

vectors as (
    select * from {{ ref('retrieval_vectors') }}
),

selection as (
    select * from {{ ref('mbo_contract_day_selection') }}
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
    from {{ ref('level_labels') }}
    where
        barrier_kind = 'fixed'
        and horizon_id in {{ sql_list(library_horizons()) }}
    group by symbol, dt, level_id, window_end_ts
)

-- the published order of columns
select  -- noqa: ST06
    selection.root,
    vectors.approach_dir,
    vectors.vector_id,
    vectors.symbol,
    vectors.dt,
    vectors.level_id,
    vectors.window_end_ts,
    vectors.episode_id,
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
