{# Names of the sums of a side of turn_flows_mbp_1s. #}
{% macro net_flow_sums() -%}
    {{ return([
        'depth_start', 'depth_start_ticks', 'kept_end', 'kept_end_ticks', 'kept_change',
        'net_pull', 'net_change'
    ]) }}
{%- endmacro %}
