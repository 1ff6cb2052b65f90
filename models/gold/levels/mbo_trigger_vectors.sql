-- noqa: disable=LT02,LT05,RF02,RF03
{{ partitioned_by(
    'mbo_level_vacuum_5s',
    inputs=['physics_bands_1s', 'level_decisions', 'recording_gaps'],
    optional=['gex_summary_1s'],
) }}

{% set window_s = var('vector_window_s') %}
{# a third difference looks back over three windows more #}
{% set lookback_s = window_s * (var('vector_block_windows') | max + 3) %}
{% set directions = {'down': vector_rows('down'), 'up': vector_rows('up')} %}
{% set block_count = vector_blocks() | length %}

with

windows as (
    select * from {{ ref('mbo_level_vacuum_5s') }}
    where {{ in_partition() }}
),

decisions as (
    select * from {{ ref('level_decisions') }}
    where {{ in_partition() }} and (is_primary or is_eligible)
),

corridor as (
    select * from {{ ref('level_corridor_1s') }}
    where {{ in_partition() }}
),

offsets as (
    select * from {{ ref('level_offset_1s') }}
    where {{ in_partition() }}
),

bands as (
    select * from {{ ref('physics_bands_1s') }}
    where {{ in_partition() }}
),

exposures as (
    select
        window_end_ts,
        strike_price_int,
        gex_imbalance_ratio,
        lag(gex_imbalance_ratio) over strikes as ratio_below,
        lead(gex_imbalance_ratio) over strikes as ratio_above
    from {{ ref('gex_surface_1s') }}
    where {{ in_partition() }}
    window strikes as (
        partition by window_end_ts
        order by strike_price_int
    )
),

summary as (
    select * from {{ ref('gex_summary_1s') }}
    where {{ in_partition() }}
),

gaps as (
    select * from {{ ref('recording_gaps') }}
    where {{ in_partition() }}
),

wanted as (
    select
        windows.* exclude (approach_dir, k_ticks),
        decisions.approach_dir,
        decisions.k_ticks,
        decisions.decision_phase,
        decisions.first_window_end_ts,
        {% for direction in directions %}
            coalesce(
                decisions.approach_dir = 'approach_{{ direction }}'
                and {{ in_session('windows.window_start_ts', 'rth_study') }},
                false
            ) as is_wanted_{{ direction }}{{ "," if not loop.last }}
        {% endfor %}
    from windows
    left join decisions
        on
            windows.window_end_ts = decisions.window_end_ts
            and windows.level_id = decisions.level_id
),

-- a third difference is there after three windows before it: rows that follow each other
complete as (
    select
        *,
        window_end_ts - to_seconds(
            {{ window_s }} * row_number() over (partition by level_id order by window_end_ts)
        ) as run_ts
    from wanted
    where d3_f7_vacuum_total_log is not null
),

runs as (
    select
        level_id,
        list(window_end_ts order by window_end_ts) as window_end_ts,
        {% for direction, names in directions.items() %}
            list(is_wanted_{{ direction }} order by window_end_ts) as is_wanted_{{ direction }},
            list([
                {% for name in names %}
                    {{ name }}{{ "," if not loop.last }}
                {% endfor %}
            ] order by window_end_ts) as rows_{{ direction }}{{ "," if not loop.last }}
        {% endfor %}
    from complete
    group by level_id, run_ts
),

vectors_of_runs as (
    select
        level_id,
        window_end_ts,
        {% for direction in directions %}
            trigger_vectors(
                rows_{{ direction }}, is_wanted_{{ direction }}, {{ var('vector_block_windows') }}
            ) as vectors_{{ direction }}{{ "," if not loop.last }}
        {% endfor %}
    from runs
),

vectors as (
    select
        level_id,
        unnest(window_end_ts) as window_end_ts,
        {% for direction in directions %}
            unnest(vectors_{{ direction }}) as vector_{{ direction }}{{ "," if not loop.last }}
        {% endfor %}
    from vectors_of_runs
),

-- what a vector looks back over was recorded, as far as is known by then
chosen as (
    select vectors.*
    from vectors
    anti join gaps on {{ looks_back_into_gap('vectors.window_end_ts', lookback_s) }}
    where vectors.vector_down is not null or vectors.vector_up is not null
),

-- the strike of the grid nearest to the level, of two as near the lower
strikes as (
    select
        chosen.window_end_ts,
        chosen.level_id,
        min_by(
            struct_pack(
                ratio_below := exposures.ratio_below,
                ratio_at := exposures.gex_imbalance_ratio,
                ratio_above := exposures.ratio_above
            ),
            struct_pack(
                distance := abs(exposures.strike_price_int - wanted.level_price_int),
                strike_price_int := exposures.strike_price_int
            )
        ) as ratios
    from chosen
    inner join wanted
        on
            chosen.window_end_ts = wanted.window_end_ts
            and chosen.level_id = wanted.level_id
    inner join exposures on chosen.window_end_ts = exposures.window_end_ts
    group by chosen.window_end_ts, chosen.level_id
),

described as (
    select
        wanted.symbol,
        wanted.dt,
        wanted.level_id,
        wanted.window_end_ts,
        replace(wanted.approach_dir, 'approach_', '') as direction,
        {{ ny_date('wanted.window_end_ts') }} as session_date,
        wanted.level_price_int,
        wanted.k_ticks,
        wanted.approach_dir,
        wanted.decision_phase,
        wanted.first_window_end_ts,
        chosen.vector_down,
        chosen.vector_up,
        {
            {% for name, formula in context_features().items() %}
                '{{ name }}': cast({{ formula }} as float){{ "," if not loop.last }}
            {% endfor %}
        } as context
    from chosen
    inner join wanted
        on
            chosen.window_end_ts = wanted.window_end_ts
            and chosen.level_id = wanted.level_id
    -- past the level the corridor lies behind price, seen from the level
    left join corridor
        on
            chosen.window_end_ts = corridor.window_end_ts
            and chosen.level_id = corridor.level_id
            and sign(corridor.k_ticks) = if(wanted.approach_dir = 'approach_up', 1, -1)
    left join offsets
        on
            chosen.window_end_ts = offsets.window_end_ts
            and chosen.level_id = offsets.level_id
    left join bands on chosen.window_end_ts = bands.window_end_ts
    left join strikes
        on
            chosen.window_end_ts = strikes.window_end_ts
            and chosen.level_id = strikes.level_id
    left join summary on chosen.window_end_ts = summary.window_end_ts
)

select
    format(
        '{}_{}_{}_{}', symbol, level_id, direction, cast(epoch(window_end_ts) as bigint)
    ) as vector_id,
    symbol,
    dt,
    level_id,
    window_end_ts,
    session_date,
    level_price_int,
    k_ticks,
    approach_dir,
    decision_phase,
    case
        when first_window_end_ts is not null
            then {{ episode_id(
                'symbol', 'dt', 'level_id', 'approach_dir', 'first_window_end_ts'
            ) }}
    end as episode_id,
    cast(
        floor(
            epoch(window_end_ts - ({{ session_bounds_utc('session_date', 'rth_study') }}).start_ts)
            / {{ var('sma_bar_s') }}
        ) as integer
    ) as candle_id,
    cast(len(coalesce(vector_down, vector_up)) as integer) as vector_dim,
    {% for direction, names in directions.items() %}
        cast(vector_{{ direction }} as float[{{ block_count * names | length }}])
            as vector_{{ direction }},
    {% endfor %}
    cast([
        {% for name in context_features() %}
            context.{{ name }}{{ "," if not loop.last }}
        {% endfor %}
    ] as float[{{ context_features() | length }}]) as context
from described
order by level_id, window_end_ts
