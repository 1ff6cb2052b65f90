{# Names of a side's sums that radar_features() takes and that may be summed or looked up per
   window: all but the best tick and the re-priced quantities. #}
{% macro radar_sum_names(side) -%}
    {%- set names = [] -%}
    {%- for moment in ['start', 'end'] -%}
        {%- do names.extend([
            side ~ '_depth_' ~ moment,
            side ~ '_distance_qty_' ~ moment,
        ]) -%}
        {%- for bucket in var('distance_buckets') -%}
            {%- do names.append(side ~ '_depth_' ~ bucket ~ '_' ~ moment) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for flow in ['add', 'pull', 'pull_all'] -%}
        {%- do names.append(side ~ '_' ~ flow) -%}
    {%- endfor -%}
    {%- for bucket in var('distance_buckets') -%}
        {%- do names.append(side ~ '_pull_' ~ bucket) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
