-- noqa: disable=LT02,RF04
{{ partitioned_by(
    'level_decisions',
    inputs=['retrieval_families'],
    optional=['mbo_trigger_vectors', 'market_feature_vectors'],
    storage='view',
) }}

{% set columns = [
    'vector_id', 'symbol', 'dt', 'session_date', 'level_id', 'window_end_ts', 'level_price_int',
    'k_ticks', 'approach_dir', 'decision_phase', 'candle_id', 'episode_id', 'vector', 'context',
] %}

with

families as (
    select distinct
        root,
        retrieval_family
    from {{ ref('retrieval_families') }}
),

level_vectors as (
    select
        * exclude (context),
        coalesce(cast(vector_down as float[]), cast(vector_up as float[])) as vector,
        cast(context as float[]) as context
    from {{ ref('mbo_trigger_vectors') }}
),

decisions as (
    select
        *,
        {{ ny_date('window_end_ts') }} as session_date,
        replace(approach_dir, 'approach_', '') as direction
    from {{ ref('level_decisions') }}
    where
        (is_primary or is_eligible)
        and approach_dir != 'approach_none'
),

levels as (
    select * from {{ ref('levels_1s') }}
),

market_vectors as (
    select * from {{ ref('market_feature_vectors') }}
),

-- market vectors exist in the study window only
described as (
    select
        format(
            '{}_{}_{}_{}',
            decisions.symbol,
            decisions.level_id,
            decisions.direction,
            cast(epoch(decisions.window_end_ts) as bigint)
        ) as vector_id,
        decisions.symbol,
        decisions.dt,
        decisions.session_date,
        decisions.level_id,
        decisions.window_end_ts,
        levels.level_price_int,
        decisions.k_ticks,
        decisions.approach_dir,
        decisions.decision_phase,
        {{ candle_id('decisions.window_end_ts', 'decisions.session_date') }} as candle_id,
        case
            when decisions.first_window_end_ts is not null
                then {{ episode_id(
                    'decisions.symbol',
                    'decisions.dt',
                    'decisions.level_id',
                    'decisions.approach_dir',
                    'decisions.first_window_end_ts'
                ) }}
        end as episode_id,
        cast(market_vectors.vector as float[]) as vector,
        cast(null as float[]) as context
    from decisions
    inner join market_vectors
        on
            decisions.symbol = market_vectors.symbol
            and decisions.dt = market_vectors.dt
            and decisions.window_end_ts = market_vectors.window_end_ts
    inner join levels
        on
            decisions.symbol = levels.symbol
            and decisions.dt = levels.dt
            and decisions.window_end_ts = levels.window_end_ts
            and decisions.level_id = levels.level_id
),

compared as (
    select
        families.retrieval_family,
        {% for column in columns %}
            level_vectors.{{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from level_vectors
    inner join families
        on
            {{ root_of('level_vectors.symbol') }} = families.root
            and families.retrieval_family = 'level'
    union all
    select
        families.retrieval_family,
        {% for column in columns %}
            described.{{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from described
    inner join families
        on
            {{ root_of('described.symbol') }} = families.root
            and families.retrieval_family = 'market'
)

select
    vector_id,
    symbol,
    dt,
    session_date,
    level_id,
    window_end_ts,
    level_price_int,
    k_ticks,
    approach_dir,
    decision_phase,
    candle_id,
    episode_id,
    retrieval_family,
    vector,
    context
from compared
