{#
    Query of the sizes of the measures of a contract-day, by quarter of an hour, role of the side
    and distance from the level; `measures_1s` is the relation of the measures.
#}
{% macro turn_sizes(measures_1s) -%}
{% set measures = ['retreat_ticks', 'pull_share'] %}

with

measures as (
    select * from {{ ref(measures_1s) }}
    where {{ in_partition() }} and k_ticks != 0
),

sizes as (
    {% for measure in measures %}
        select
            time_bucket(interval 15 minute, window_start_ts) as quarter_start_ts,
            condition_window_s,
            {{ side_role('side', 'k_ticks') }} as side_role,
            {{ condition_distance('k_ticks') }} as distance_ticks,
            '{{ measure }}' as measure,
            abs({{ measure }}) as size
        from measures
        where {{ measure }} is not null
        {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    {{ partition_value('symbol') }} as symbol,
    {{ partition_value('dt') }} as dt,
    quarter_start_ts,
    cast(condition_window_s as integer) as condition_window_s,
    side_role,
    cast(distance_ticks as integer) as distance_ticks,
    measure,
    list(size order by size) as sizes,
    -- a sum of these is the same in every order
    sum(cast(size * size as decimal(38, 24))) as sum_of_squares
from sizes
where distance_ticks is not null
group by quarter_start_ts, condition_window_s, side_role, distance_ticks, measure
order by quarter_start_ts, condition_window_s, side_role, distance_ticks, measure
{%- endmacro %}
