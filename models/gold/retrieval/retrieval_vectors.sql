-- noqa: disable=RF04
{{ config(
    materialized='view',
    post_hook="{{ record_partition_state(partition_versions('mbo_trigger_vectors')) }}",
) }}

with

vectors as (
    select * from {{ ref('mbo_trigger_vectors') }}
),

offsets as (
    select * from {{ ref('level_offset_1s') }}
)

-- the published order of columns
select  -- noqa: ST06
    vectors.vector_id,
    vectors.symbol,
    vectors.dt,
    vectors.session_date,
    vectors.level_id,
    vectors.window_end_ts,
    vectors.level_price_int,
    vectors.k_ticks,
    vectors.approach_dir,
    vectors.candle_id,
    vectors.episode_id,
    coalesce(cast(vectors.vector_down as float[]), cast(vectors.vector_up as float[])) as vector,
    list_concat(
        cast(vectors.context as float[]),
        [
            {% for feature in volatility_features() %}
                cast(offsets.{{ feature }} as float){{ "," if not loop.last }}
            {% endfor %}
        ]
    ) as context
from vectors
left join offsets
    on
        vectors.symbol = offsets.symbol
        and vectors.dt = offsets.dt
        and vectors.level_id = offsets.level_id
        and vectors.window_end_ts = offsets.window_end_ts
