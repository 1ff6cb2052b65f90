-- noqa: disable=LT02,LT05
-- A 0 for an unknown feature or difference would mislead a model. Features are known in valid
-- seconds only; an n-th difference needs the second and the n before it, all present and valid.
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

radar as (
    select
        *,
        {% for k in [1, 2, 3] %}
            coalesce(bool_and(window_valid) over (
                partition by symbol, dt
                order by window_start_ts
                range between interval {{ k }} second preceding and interval {{ k }} second preceding
            ), false) as is_known_before_{{ k }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref('radar_vacuum_1s') }}
    where {{ untested_partitions('radar_vacuum_1s') }}
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
                    window_valid
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
