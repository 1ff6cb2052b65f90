{#
    Query of the rested quantity re-priced away from and toward an anchor, per side, from the
    side's own half of the zone: away is further on the same side, crossing the anchor is toward.
    `anchors` names a relation of keys, window_start_ts, anchor_price_int and tick_int; `reprices`
    names a relation like reprice_flow_1s.
#}
{% macro radar_move_sums(reprices, anchors, keys) -%}
    -- offsets from the anchor in the direction of the side: positive is away from the other side
    select
        {{ keys | join(', ') }},
        {% for side, letter in [('ask', 'A'), ('bid', 'B')] %}
            sum(case when side = '{{ letter }}' and is_away then qty_rest else 0 end)
                as {{ side }}_away,
            sum(case when side = '{{ letter }}' and not is_away then qty_rest else 0 end)
                as {{ side }}_toward{{ "," if not loop.last }}
        {% endfor %}
    from (
        select
            {% for key in keys %}
                anchors.{{ key }},
            {% endfor %}
            reprices.side,
            reprices.qty_rest,
            case reprices.side when 'A' then 1 else -1 end
            * (reprices.price_from_int - anchors.anchor_price_int) as offset_from_int,
            case
                when reprices.side = 'A' then reprices.price_to_int > reprices.price_from_int
                else reprices.price_to_int < reprices.price_from_int
            end as is_away,
            {{ zone_ticks() }} * anchors.tick_int as zone_int
        from {{ reprices }} as reprices
        inner join {{ anchors }} as anchors
            on reprices.window_start_ts = anchors.window_start_ts
    )
    where offset_from_int between 0 and zone_int
    group by {{ keys | join(', ') }}
{%- endmacro %}
