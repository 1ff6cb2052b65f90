-- noqa: disable=LT02,LT05
-- A 0 for an unknown feature or difference would mislead a model. Features are known in valid
-- seconds with a wall: in a very wide book no order lies within its range. An n-th difference needs
-- the second and the n before it, all present and known.
{% set features = radar_features().keys() | list %}
{% set columns_of_order = [features + radar_extra_features().keys() | list] %}
{% for order in [1, 2, 3] %}
    {% set names = [] %}
    {% for name in features %}
        {% do names.append('d' ~ order ~ '_' ~ name) %}
    {% endfor %}
    {% do columns_of_order.append(names) %}
{% endfor %}

with

wall_seconds as (
    select distinct
        symbol,
        dt,
        window_start_ts
    from {{ ref('wall_surface_1s') }}
    where {{ untested_partitions('radar_vacuum_1s') }}
),

seconds as (
    select * from {{ ref('radar_vacuum_1s') }}
    where {{ untested_partitions('radar_vacuum_1s') }}
),

known_seconds as (
    select
        seconds.*,
        seconds.window_valid and wall_seconds.window_start_ts is not null as is_known
    from seconds
    left join wall_seconds
        on
            seconds.symbol = wall_seconds.symbol
            and seconds.dt = wall_seconds.dt
            and seconds.window_start_ts = wall_seconds.window_start_ts
),

radar as (
    select
        *,
        {% for k in [1, 2, 3] %}
            coalesce(bool_and(is_known) over (
                partition by symbol, dt
                order by window_start_ts
                range between interval {{ k }} second preceding and interval {{ k }} second preceding
            ), false) as is_known_before_{{ k }}{{ "," if not loop.last }}
        {% endfor %}
    from known_seconds
),

counted as (
    select
        symbol,
        dt,
        window_start_ts,
        {% for names in columns_of_order %}
            {% set order = loop.index0 %}
            len(list_filter([{{ names | join(', ') }}], part -> part is not null))
                as known_{{ order }},
            case
                when
                    is_known
                    {% for k in range(1, order + 1) %}
                        and is_known_before_{{ k }}
                    {% endfor %}
                    then {{ names | length }}
                else 0
            end as expected_{{ order }}{{ "," if not loop.last }}
        {% endfor %}
    from radar
)

select * from counted
where
    {% for names in columns_of_order %}
        known_{{ loop.index0 }} != expected_{{ loop.index0 }} {{ "or" if not loop.last }}
    {% endfor %}
