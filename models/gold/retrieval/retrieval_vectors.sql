-- noqa: disable=RF04
{{ partitioned_by(
    'retrieval_decisions',
    optional=['level_offset_1s', 'turn_states_1s', 'turn_states_mbp_1s'],
) }}

{% set known_of_market = market_context_features() %}

with

vectors as (
    select * from {{ ref('retrieval_decisions') }}
    where {{ in_partition() }}
),

offsets as (
    select * from {{ ref('level_offset_1s') }}
    where {{ in_partition() }}
),

turn_states as (
    select * from {{ ref('conditions_in_use_1s') }}
    where {{ in_partition() }}
),

-- once price has come to the level, the side ahead is that of the course
turned as (
    select
        vectors.vector_id,
        turn_states.* replace (
            case
                when coalesce(vectors.decision_phase, 'approaching') = 'approaching'
                    then turn_states.level_side
                else if(vectors.approach_dir = 'approach_up', 1, -1)
            end as level_side,
            case
                when
                    coalesce(vectors.decision_phase, 'approaching') = 'approaching'
                    or turn_states.level_side
                    = if(vectors.approach_dir = 'approach_up', 1, -1)
                    then turn_states.recent_state
                when turn_states.recent_state = 'ahead_only' then 'behind_only'
                when turn_states.recent_state = 'behind_only' then 'ahead_only'
                else turn_states.recent_state
            end as recent_state
        )
    from vectors
    -- a library holds one form of the conditions: from orders as its vectors of the level, or net
    inner join turn_states
        on
            (vectors.retrieval_family = 'level') = (turn_states.conditions_basis = 'orders')
            and vectors.symbol = turn_states.symbol
            and vectors.dt = turn_states.dt
            and vectors.level_id = turn_states.level_id
            and vectors.window_end_ts = turn_states.window_end_ts
)

select
    vectors.vector_id,
    vectors.symbol,
    vectors.dt,
    vectors.session_date,
    vectors.level_id,
    vectors.window_end_ts,
    vectors.level_price_int,
    vectors.k_ticks,
    vectors.approach_dir,
    vectors.decision_phase,
    vectors.candle_id,
    vectors.episode_id,
    vectors.retrieval_family,
    vectors.vector,
    list_concat(
        coalesce(
            vectors.context,
            [
                {% for name in context_features() %}
                    cast({{ known_of_market.get(name, 'null') }} as float){{ "," if not loop.last }}
                {% endfor %}
            ]
        ),
        [
            {% for feature in volatility_features() %}
                cast(offsets.{{ feature }} as float),
            {% endfor %}
            {% for sql in condition_features().values() %}
                cast({{ sql }} as float){{ "," if not loop.last }}
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
left join turned as turn_states on vectors.vector_id = turn_states.vector_id
order by vectors.level_id, vectors.window_end_ts
