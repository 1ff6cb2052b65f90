-- noqa: disable=LT02,LT05,RF04
{{ partitioned_by(
    'market_by_price_10_bar5s',
    optional=['physics_bands_1s', 'option_market_5s'],
) }}

{% set elements = market_vector_elements() %}

with

engine_input as (
    select * from {{ ref('book_engine_input') }}
    where {{ in_partition() }}
),

bars as (
    select * from {{ ref('market_by_price_10_bar5s') }}
    where
        {{ in_partition() }}
        and is_valid
        and {{ in_session('bar_start_ts', 'rth_study') }}
),

bands as (
    select * from {{ ref('physics_bands_1s') }}
    where {{ in_partition() }}
),

options as (
    select * from {{ ref('option_market_5s') }}
    where {{ in_partition() }}
),

study as (
    select unnest({{ session_bounds_utc(partition_value('dt'), 'rth_study') }})
),

features as (
    select
        bars.symbol,
        bars.dt,
        bars.bar_start_ts,
        bars.bar_end_ts,
        bars.source,
        {% for name, formula in elements.items() %}
            cast({{ formula }} as double) as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from bars
    cross join engine_input
    cross join study
    left join bands on bars.bar_end_ts = bands.window_end_ts
    left join options on bars.bar_end_ts = options.window_end_ts
)

select
    symbol,
    dt,
    bar_start_ts as window_start_ts,
    bar_end_ts as window_end_ts,
    {{ ny_date('bar_start_ts') }} as session_date,
    source,
    {% for name in elements %}
        {{ name }},
    {% endfor %}
    cast([
        {% for name in elements %}
            {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    ] as float[{{ elements | length }}]) as vector
from features
order by window_end_ts
