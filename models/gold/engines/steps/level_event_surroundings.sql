-- noqa: disable=LT02
{{ partitioned_by('level_event_moments', storage='table') }}

{# counts and distances as the names of columns have them #}
{% set strikes = ['1', '2', '3'] %}
{% set stacking_ticks = ['8', '20', '40'] %}
{% set strike_sums = {
    'gex_above': ['above', 'gex'],
    'gex_below': ['below', 'gex'],
    'call_gex_above': ['above', 'gex_call_abs'],
    'put_gex_below': ['below', 'gex_put_abs'],
} %}

with

moments as (
    select * from {{ ref('level_event_moments') }}
    where {{ in_partition() }}
),

levels as (
    select * from {{ ref('levels_1s') }}
    where {{ in_partition() }} and is_active
),

offsets as (
    select * from {{ ref('level_offset_1s') }}
    where {{ in_partition() }}
),

surface as (
    select * from {{ ref('gex_surface_1s') }}
    where {{ in_partition() }}
),

summary as (
    select * from {{ ref('gex_summary_1s') }}
    where {{ in_partition() }}
),

strikes as (
    select
        moments.event_id,
        surface.strike_price_int > moments.level_price_int as is_above,
        struct_pack(
            distance_int := abs(surface.strike_price_int - moments.level_price_int),
            gex := surface.gex,
            gex_call_abs := surface.gex_call_abs,
            gex_put_abs := surface.gex_put_abs
        ) as strike
    from moments
    inner join surface on moments.event_ts = surface.window_end_ts
    where surface.strike_price_int != moments.level_price_int
),

-- from the nearest on, so that sums are the same however rows come
sorted_strikes as (
    select
        event_id,
        list_sort(list(strike) filter (is_above)) as above,
        list_sort(list(strike) filter (not is_above)) as below
    from strikes
    group by event_id
),

-- all levels of the event's second, the tested one included
constellations as (
    select
        moments.event_id,
        {% for level in seven_levels() %}
            max(offsets.k_ticks) filter (levels.level_id = '{{ level }}')
                as dist_to_{{ level }}_ticks,
            max(offsets.k_vol) filter (levels.level_id = '{{ level }}')
                as dist_to_{{ level }}_vol,
        {% endfor %}
        {% for ticks in stacking_ticks %}
            count(*) filter (
                levels.level_id != moments.level_id
                and abs(levels.level_tick - moments.level_tick) <= {{ ticks }}
            ) as level_stacking_{{ ticks }}ticks{{ "," if not loop.last }}
        {% endfor %}
    from moments
    inner join levels on moments.event_ts = levels.window_end_ts
    inner join offsets
        on
            levels.window_end_ts = offsets.window_end_ts
            and levels.level_id = offsets.level_id
    group by moments.event_id
)

select
    moments.event_id,
    moments.symbol,
    moments.dt,
    summary.gex as gamma_exposure,
    {% for name, (side, column) in strike_sums.items() %}
        {% for n in strikes %}
            {{ sum_of_first(
                n, 'list_transform(sorted_strikes.' ~ side ~ ', strike -> strike.' ~ column ~ ')'
            ) }} as {{ name }}_{{ n }}strike,
        {% endfor %}
    {% endfor %}
    {% for unit in ['ticks', 'vol'] %}
        {% for level in seven_levels() %}
            constellations.dist_to_{{ level }}_{{ unit }},
        {% endfor %}
    {% endfor %}
    {% for ticks in stacking_ticks %}
        cast(constellations.level_stacking_{{ ticks }}ticks as integer)
            as level_stacking_{{ ticks }}ticks{{ "," if not loop.last }}
    {% endfor %}
from moments
inner join constellations on moments.event_id = constellations.event_id
left join sorted_strikes on moments.event_id = sorted_strikes.event_id
left join summary on moments.event_ts = summary.window_end_ts
order by moments.event_id
