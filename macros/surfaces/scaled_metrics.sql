{# Metrics scaled by their quantiles, as SQL over vacuum_metrics_1s. #}
{% macro scaled_metrics() -%}
    {{ return({
        'pull_add_log': 'pull_add_log',
        'log1p_pull_intensity_rest': 'ln(1 + pull_intensity_rest)',
        'log1p_erosion_norm': 'log1p_erosion_norm',
        'd2_pull_add_log': 'd2_pull_add_log',
        'wall_strength_log': 'wall_strength_log',
    }) }}
{%- endmacro %}
