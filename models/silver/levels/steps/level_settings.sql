with

versions as (
    select * from {{ partition_versions('bars') }}
),

contract_days as (
    select * from {{ ref('contract_days') }}
),

instruments as (
    select * from {{ ref('instruments') }}
),

weights as (
    select
        max(sma_bars) as most_bars,
        md5(string_agg(
            concat_ws('|', level_id, level_kind, edge, sma_bars, priority, weight), '|'
            order by level_id
        )) as weights_hash
    from {{ ref('level_definitions') }}
    -- an own level counts in the days that it touches
    where level_kind != 'own'
),

-- the values themselves count, whatever days they come from
step_values as (
    select
        step_levels.symbol,
        step_levels.dt,
        md5(string_agg(
            concat_ws(
                '|',
                step_levels.level_id,
                step_levels.from_ts,
                step_levels.until_ts,
                step_levels.level_price_int,
                definitions.priority,
                definitions.weight
            ),
            '|'
            order by step_levels.level_id, step_levels.from_ts
        )) as values_hash
    from {{ ref('step_levels') }} as step_levels
    inner join {{ ref('level_definitions') }} as definitions
        on step_levels.level_id = definitions.level_id
    group by step_levels.symbol, step_levels.dt
),

{% if uses_levels(['overnight_high', 'overnight_low']) %}
    -- a range that began the evening before
    evenings as (
        select
            symbol,
            dt + 1 as dt,
            md5(string_agg(
                concat_ws(
                    '|', session_date, overnight_high_price_int, overnight_low_price_int
                ),
                '|'
                order by session_date
            )) as evening_hash
        from {{ ref('session_prices') }}
        group by symbol, dt
    ),
{% endif %}

bar_counts as (
    select
        symbol,
        dt,
        count(*) as bar_count
    from {{ ref('bars') }}
    where bar_s = {{ var('sma_bar_s') }}
    group by symbol, dt
),

-- a day before the bars of the longest average changes nothing
earlier_days as (
    select
        versions.symbol,
        versions.dt,
        earlier.dt as earlier_dt,
        earlier_versions.input_fingerprint,
        sum(earlier.bar_count) over (
            partition by versions.symbol, versions.dt
            order by earlier.dt desc
        ) - earlier.bar_count as later_bars
    from versions
    inner join bar_counts as earlier
        on
            versions.symbol = earlier.symbol
            and versions.dt > earlier.dt
            and versions.dt <= earlier.dt + {{ var('sma_max_age_days') }}
    inner join versions as earlier_versions
        on
            earlier.symbol = earlier_versions.symbol
            and earlier.dt = earlier_versions.dt
),

lookbacks as (
    select
        earlier_days.symbol,
        earlier_days.dt,
        list(earlier_days.earlier_dt order by earlier_days.earlier_dt) as earlier_dts,
        string_agg(
            earlier_days.input_fingerprint, '|' order by earlier_days.earlier_dt
        ) as fingerprints
    from earlier_days
    cross join weights
    where earlier_days.later_bars < weights.most_bars
    group by earlier_days.symbol, earlier_days.dt
),

settings as (
    select
        contract_days.symbol,
        contract_days.dt,
        {% if var('barrier_mode') == 'instrument' %}
            -- fixed ticks mean nothing for a product without a seed row
            coalesce(instruments.barrier_mode, 'vol')
        {% else %}
            '{{ var("barrier_mode") }}'
        {% endif %} as barrier_mode,
        coalesce(instruments.approach_min_ticks, {{ var('approach_min_ticks') }})
            as approach_min_ticks,
        coalesce(instruments.barrier_min_ticks, {{ var('barrier_ticks_range')[0] }})
            as barrier_min_ticks
    from contract_days
    left join instruments on contract_days.root = instruments.root
)

select
    versions.symbol,
    versions.dt,
    coalesce(lookbacks.earlier_dts, []) as earlier_dts,
    settings.barrier_mode,
    settings.approach_min_ticks,
    settings.barrier_min_ticks,
    md5(concat_ws(
        '|',
        versions.input_fingerprint,
        lookbacks.fingerprints,
        weights.weights_hash,
        step_values.values_hash,
        {% if uses_levels(['overnight_high', 'overnight_low']) %}
            evenings.evening_hash,
        {% endif %}
        settings.barrier_mode,
        settings.approach_min_ticks,
        settings.barrier_min_ticks
    )) as input_fingerprint
from versions
cross join weights
inner join settings
    on
        versions.symbol = settings.symbol
        and versions.dt = settings.dt
left join lookbacks
    on
        versions.symbol = lookbacks.symbol
        and versions.dt = lookbacks.dt
left join step_values
    on
        versions.symbol = step_values.symbol
        and versions.dt = step_values.dt
{% if uses_levels(['overnight_high', 'overnight_low']) %}
    left join evenings
        on
            versions.symbol = evenings.symbol
            and versions.dt = evenings.dt
{% endif %}
