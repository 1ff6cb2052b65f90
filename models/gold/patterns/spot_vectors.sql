-- noqa: disable=LT02,LT05,RF04
{{ partitioned_by('spot_vacuum_5s', inputs=['spot_moments', 'recording_gaps']) }}

{% set window_s = var('vector_window_s') %}
{# a third difference looks back over three windows more #}
{% set lookback_s = window_s * (var('vector_block_windows') | max + 3) %}
{% set names = spot_vector_rows() %}

with

windows as (
    select * from {{ ref('spot_vacuum_5s') }}
    where {{ in_partition() }}
),

moments as (
    select * from {{ ref('spot_moments') }}
    where {{ in_partition() }} and approach_dir != 'spot_none'
),

gaps as (
    select * from {{ ref('recording_gaps') }}
    where {{ in_partition() }}
),

-- a third difference is there after three windows before it: rows that follow each other
complete as (
    select
        windows.*,
        moments.window_end_ts is not null as is_wanted,
        windows.window_end_ts - to_seconds(
            {{ window_s }} * row_number() over (order by windows.window_end_ts)
        ) as run_ts
    from windows
    left join moments on windows.window_end_ts = moments.window_end_ts
    where windows.d3_f7_vacuum_total_log is not null
),

runs as (
    select
        list(window_end_ts order by window_end_ts) as window_end_ts,
        trigger_vectors(
            list([
                {% for name in names %}
                    {{ name }}{{ "," if not loop.last }}
                {% endfor %}
            ] order by window_end_ts),
            list(is_wanted order by window_end_ts),
            {{ var('vector_block_windows') }}
        ) as vectors
    from complete
    group by run_ts
),

vectors as (
    select
        unnest(window_end_ts) as window_end_ts,
        unnest(vectors) as vector
    from runs
),

-- what a vector looks back over was recorded, as far as is known by then
chosen as (
    select vectors.*
    from vectors
    anti join gaps on {{ looks_back_into_gap('vectors.window_end_ts', lookback_s) }}
    where vectors.vector is not null
)

select
    format(
        '{}_spot_{}_{}',
        moments.symbol,
        replace(moments.approach_dir, 'spot_', ''),
        cast(epoch(moments.window_end_ts) as bigint)
    ) as vector_id,
    moments.symbol,
    moments.dt,
    'spot' as level_id,
    moments.window_end_ts,
    {{ ny_date('moments.window_end_ts') }} as session_date,
    moments.spot_price_int as level_price_int,
    cast(0 as integer) as k_ticks,
    moments.approach_dir,
    case
        when moments.first_window_end_ts is not null
            then format(
                '{}_{}_spot_{}_{}',
                moments.symbol,
                strftime(moments.dt, '%Y-%m-%d'),
                replace(moments.approach_dir, 'spot_', ''),
                cast(epoch(moments.first_window_end_ts) as bigint)
            )
    end as episode_id,
    {{ candle_id('moments.window_end_ts', ny_date('moments.window_end_ts')) }} as candle_id,
    'spot' as retrieval_family,
    cast(len(chosen.vector) as integer) as vector_dim,
    cast(chosen.vector as float[{{ vector_blocks() | length * names | length }}]) as vector,
    cast([
        {% for sql in spot_context_features().values() %}
            cast({{ sql }} as float){{ "," if not loop.last }}
        {% endfor %}
    ] as float[{{ spot_context_features() | length }}]) as context
from chosen
inner join moments on chosen.window_end_ts = moments.window_end_ts
order by moments.window_end_ts
