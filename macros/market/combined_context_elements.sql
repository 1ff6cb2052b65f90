{#
    Elements of a trigger vector's context by the family that seed feature_names gives them: level,
    market or option. setup_feature_vectors takes those of the market from the market's own vector,
    at the same second.
#}
{% macro combined_context_elements(family) -%}
    {%- set families = {
        'market': ['above_score', 'below_score'],
        'option': [
            'gex_imbalance_ratio_below',
            'gex_imbalance_ratio_at',
            'gex_imbalance_ratio_above',
            'call_wall_distance',
            'put_wall_distance',
            'gamma_flip_distance',
        ],
    } -%}
    {%- set found = [] -%}
    {%- for name in context_features() -%}
        {%- set named = namespace(family='level') -%}
        {%- for other, names in families.items() if name in names -%}
            {%- set named.family = other -%}
        {%- endfor -%}
        {%- if named.family == family -%}
            {%- do found.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
