{#
    Names of a side's sums that radar_features() takes, except its best tick and the re-priced
    quantities: state at the start (_start) and the end (_end) of a window, and flows.
#}
{% macro radar_sum_names(side) -%}
    {%- set names = [] -%}
    {%- for name in [
        'depth_start', 'depth_end', 'distance_qty_start', 'distance_qty_end',
        'depth_at_start', 'depth_near_start', 'depth_at_end', 'depth_near_end', 'depth_far_end',
        'add', 'pull', 'pull_all', 'pull_at', 'pull_near', 'pull_mid', 'pull_far',
    ] -%}
        {%- do names.append(side ~ '_' ~ name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
