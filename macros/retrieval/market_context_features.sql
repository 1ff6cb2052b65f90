{#
    Values of context_features that are known without order flow, a mapping of name to SQL over
    retrieval_decisions (vectors) and level_offset_1s (offsets) at the decision.
#}
{% macro market_context_features() -%}
    {{ return({
        'k_ticks_share': 'vectors.k_ticks / ' ~ var('level_approach_max_ticks'),
        'closing_speed_15s':
            "if(vectors.approach_dir = 'approach_up', 1, -1) * offsets.speed_15s",
    }) }}
{%- endmacro %}
