{#
    Features of a moment that retrieval compares besides its spot vector, a mapping of name to SQL
    over spot_moments (moments). Moves count in the direction of the last minute.
#}
{% macro spot_context_features() -%}
    {{ return({
        'sigma_1s_ticks': 'moments.sigma_1s_ticks',
        'moved_sigmas': 'abs(moments.move_ticks) / nullif(moments.sigma_1s_ticks, 0)',
    }) }}
{%- endmacro %}
