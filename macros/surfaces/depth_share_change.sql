{# Share of a side's depth that rests in a bucket, end minus start of the window. #}
{% macro depth_share_change(side, bucket) -%}
    {{ side }}_depth_{{ bucket }}_end / ({{ side }}_depth_end + 1)
    - {{ side }}_depth_{{ bucket }}_start / ({{ side }}_depth_start + 1)
{%- endmacro %}
