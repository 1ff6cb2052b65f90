{# Names of the sums of turn_flows_1s, as in turn_flow_columns.SUMS. #}
{% macro turn_flow_sums() -%}
    {%- set names = [] -%}
    {%- for side in ['ask', 'bid'] -%}
        {%- for name in [
            'rest_start', 'depth_start', 'add', 'pull', 'repriced', 'repriced_ticks',
            'open_start', 'open_start_ticks', 'open_end', 'open_end_ticks', 'open_change'
        ] -%}
            {%- do names.append(side ~ '_' ~ name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
