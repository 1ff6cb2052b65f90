-- noqa: disable=LT02,LT05,RF02
{{ partitioned_by('level_book_1s') }}

{% set window_s = var('vector_window_s') %}
{% set sides = ['ask', 'bid'] %}

with

level_anchors as (
    select * from {{ ref('level_anchors_1s') }}
    where
        {{ in_partition() }}
        and epoch_us(window_end_ts) % {{ window_s * 1000000 }} = 0
),

seconds as (
    select
        *,
        time_bucket(interval {{ window_s }} second, window_start_ts, timestamp '1970-01-01')
            as bucket_start_ts
    from {{ ref('level_book_1s') }}
    where {{ in_partition() }}
),

placed as (
    select
        *,
        window_start_ts = bucket_start_ts as is_first,
        window_start_ts = bucket_start_ts + interval {{ window_s - 1 }} second as is_last
    from seconds
),

-- the state of the first and the last second, the flow of all of them, at the last one's level
level_book as (
    select
        symbol,
        dt,
        bucket_start_ts as window_start_ts,
        level_tick,
        count(*) = {{ window_s }} and bool_and(window_valid) as window_valid,
        {% for side in sides %}
            {% for name in radar_sum_names(side) %}
                {% if name.endswith('_start') %}
                    sum(case when is_first then {{ name }} else 0 end) as {{ name }},
                {% elif name.endswith('_end') %}
                    sum(case when is_last then {{ name }} else 0 end) as {{ name }},
                {% else %}
                    sum({{ name }}) as {{ name }},
                {% endif %}
            {% endfor %}
            max(case when is_last then {{ side }}_best_ticks end) as {{ side }}_best_ticks,
            sum({{ side }}_away) as {{ side }}_away,
            sum({{ side }}_toward) as {{ side }}_toward{{ "," if not loop.last }}
        {% endfor %}
    from placed
    group by symbol, dt, bucket_start_ts, level_tick
),

{{ level_vacuum(window_s) }}
order by level_id, window_start_ts
