-- noqa: disable=LT02,LT05,RF04
{{ partitioned_by(
    'approach_windows_5s',
    inputs=['market_feature_vectors'],
    optional=['mbo_trigger_vectors'],
) }}

{% set context_names = context_features().keys() | list %}
{% set market_names = market_features().keys() | list %}
{% set option_names = option_market_features().keys() | list %}
{% set block_count = vector_blocks() | length %}
{% set widths = {} %}
{% for direction in ['down', 'up'] %}
    {% do widths.update({direction: block_count * vector_rows(direction) | length}) %}
{% endfor %}

with

decisions as (
    select
        symbol,
        dt,
        level_id,
        window_end_ts,
        approach_dir,
        window_end_ts - interval {{ var('vector_window_s') }} second as window_start_ts
    from {{ ref('approach_windows_5s') }}
    where
        {{ in_partition() }}
        and is_primary
        and window_valid
        and approach_dir in ('approach_up', 'approach_down')
),

trigger_vectors as (
    select * from {{ ref('mbo_trigger_vectors') }}
    where {{ in_partition() }}
),

market as (
    select * from {{ ref('market_feature_vectors') }}
    where {{ in_partition() }}
),

-- what is the same in both directions
described as (
    select
        decisions.symbol,
        decisions.dt,
        decisions.level_id,
        decisions.window_end_ts,
        {{ ny_date('decisions.window_start_ts') }} as session_date,
        decisions.approach_dir,
        trigger_vectors.window_end_ts is not null as has_level,
        market.window_end_ts is not null as has_market,
        {% for direction in widths %}
            cast(trigger_vectors.vector_{{ direction }} as float[]) as level_{{ direction }},
        {% endfor %}
        cast([
            {% for name in combined_context_elements('level') %}
                trigger_vectors.context[{{ context_names.index(name) + 1 }}]
                {{- "," if not loop.last }}
            {% endfor %}
        ] as float[]) as level_context,
        cast([
            {% for name in market_names %}
                market.{{ name }}{{ "," if not loop.last }}
            {% endfor %}
        ] as float[]) as market,
        cast([
            {% for name in combined_context_elements('option') %}
                trigger_vectors.context[{{ context_names.index(name) + 1 }}],
            {% endfor %}
            {% for name in option_names %}
                market.{{ name }}{{ "," if not loop.last }}
            {% endfor %}
        ] as float[]) as options
    from decisions
    left join trigger_vectors
        on
            decisions.level_id = trigger_vectors.level_id
            and decisions.window_end_ts = trigger_vectors.window_end_ts
            and decisions.approach_dir = trigger_vectors.approach_dir
    left join market on decisions.window_end_ts = market.window_end_ts
    where {{ in_session('decisions.window_start_ts', 'rth_study') }}
),

combined as (
    select
        *,
        {% for direction, width in widths.items() %}
            if(
                approach_dir = 'approach_{{ direction }}',
                list_concat(
                    coalesce(
                        level_{{ direction }}, list_resize(cast([] as float[]), {{ width }}, null)
                    ),
                    level_context,
                    market,
                    options
                ),
                null
            ) as vector_{{ direction }}{{ "," if not loop.last }}
        {% endfor %}
    from described
)

{% set others = context_names | length + market_names | length + option_names | length %}
{# context elements of the market are in the market's vector #}
{% set repeated = combined_context_elements('market') | length %}
select
    symbol,
    dt,
    level_id,
    window_end_ts,
    session_date,
    approach_dir,
    has_level,
    has_market,
    {% for direction, width in widths.items() %}
        cast(vector_{{ direction }} as float[{{ width + others - repeated }}])
            as vector_{{ direction }}{{ "," if not loop.last }}
    {% endfor %}
from combined
order by window_end_ts, level_id
