{#
    Names of the metrics that are calibrated: those that scores scale, and gamma exposure of the
    strike grid, which has no score of its own yet.
#}
{% macro calibrated_metrics() -%}
    {{ return(scaled_metrics().keys() | list + ['gex_abs']) }}
{%- endmacro %}
