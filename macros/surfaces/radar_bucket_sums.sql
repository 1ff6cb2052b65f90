{#
    Query of the sums per side and distance bucket around an anchor, the first step towards the
    columns of radar_features(). `cells` names a relation of the wall's quantities with side,
    distance_ticks (>= 0, from the anchor) and bucket; its rows lie on each side's own half
    within the zone. `keys` identify the anchors.
#}
{% macro radar_bucket_sums(cells, keys) -%}
    select
        {{ keys | join(', ') }},
        side,
        bucket,
        {% for moment in ['start', 'end'] %}
            sum(depth_qty_{{ moment }}) as depth_{{ moment }},
            sum(depth_qty_{{ moment }} * distance_ticks) as distance_qty_{{ moment }},
        {% endfor %}
        min(case when depth_qty_end > 0 then distance_ticks end) as best_ticks,
        sum(add_qty) as add_qty,
        sum(pull_qty_rest) as pull_qty,
        sum(pull_qty_total) as pull_all_qty
    from {{ cells }}
    group by {{ keys | join(', ') }}, side, bucket
{%- endmacro %}
