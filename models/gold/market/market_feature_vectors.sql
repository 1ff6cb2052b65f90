-- noqa: disable=LT02,LT05,RF04
{{ partitioned_by(
    'market_by_price_10_bar5s',
    inputs=['book_snapshot_1s', 'recording_gaps'],
    optional=['physics_bands_1s', 'option_market_5s'],
) }}

{% set elements = market_vector_elements() %}
{% set bar_s = var('vector_window_s') %}

with

contract_day as (
    select * from {{ ref('contract_days') }}
    where {{ in_partition() }}
),

gaps as (
    select * from {{ ref('recording_gaps') }}
    where {{ in_partition() }}
),

-- trading, with nothing that makes a second unfit
valid_windows as (
    select
        time_bucket(
            interval {{ bar_s }} second, window_start_ts, timestamp '1970-01-01'
        ) as bar_start_ts
    from {{ ref('book_snapshot_1s') }}
    where
        {{ in_partition() }}
        and window_valid
    group by all
    having count(*) = {{ bar_s }}
),

-- what a vector looks back over was recorded, as far as is known by then
bars as (
    select bars.*
    from {{ ref('market_by_price_10_bar5s') }} as bars
    semi join valid_windows on bars.bar_start_ts = valid_windows.bar_start_ts
    anti join gaps on {{ looks_back_into_gap('bars.bar_end_ts', var('market_lookback_s')) }}
    where
        {{ in_partition('bars.symbol', 'bars.dt') }}
        and bars.is_valid
        and {{ in_session('bars.bar_start_ts', 'rth_study') }}
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
    cross join contract_day
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
