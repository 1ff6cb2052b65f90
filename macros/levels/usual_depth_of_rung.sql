{#
    Usual depth per tick of a side, contracts, for a rung that begins `from_ticks` above spot
    [negative below], without its own prices: an element of usual_depth_1s.
#}
{% macro usual_depth_of_rung(side, usual_depths, from_ticks, rung_ticks) -%}
    {%- set nearest -%}
        {{ from_ticks if side == 'ask' else '-(' ~ from_ticks ~ ' + ' ~ rung_ticks ~ ' - 1)' }}
    {%- endset -%}
    list_extract(
        {{ usual_depths }},
        if(
            {{ nearest }} between 2 - {{ rung_ticks }} and {{ var('ladder_usual_ticks') }},
            {{ nearest }} + {{ rung_ticks }},
            1
        )
    )
{%- endmacro %}
