{#
    State of a side of a rung, from its columns: the first that holds. NULL if its depth, its flow
    or the usual depth is unknown, and if the side cannot rest there and has no depth.
#}
{% macro ladder_state(side) -%}
    {%- set wall_ratio = var('ladder_wall_ratio') -%}
    {%- set share = var('ladder_net_flow_share') -%}
    {%- set leaves = side ~ '_net_flow_share <= -' ~ share -%}
    {%- set is_pulled = side ~ '_pull > ' ~ side ~ '_fill' -%}
    case
        when {{ side }}_wall_ratio is null or {{ side }}_flow is null then null
        when {{ side }}_depth + {{ side }}_flow = 0 and not can_{{ side }}_stand then null
        when {{ side }}_wall_ratio_start >= {{ wall_ratio }} and {{ leaves }}
            then if({{ is_pulled }}, 'wall_pulled', 'wall_eaten')
        when {{ side }}_wall_ratio >= {{ wall_ratio }} then 'wall_holds'
        when {{ side }}_wall_ratio <= {{ var('ladder_thin_ratio') }} then 'thin'
        when {{ side }}_net_flow_share >= {{ share }} then 'building'
        when {{ leaves }} then if({{ is_pulled }}, 'pulled', 'eaten')
        else 'quiet'
    end
{%- endmacro %}
