{#
    Names of the calibrated metrics: the metrics that scores scale, and gamma exposure of the strike
    grid, which has no score.
#}
{% macro calibrated_metrics() -%}
    {{ return(scaled_metrics().keys() | list + ['gex_abs']) }}
{%- endmacro %}
