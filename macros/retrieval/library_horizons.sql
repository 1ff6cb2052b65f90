{# Horizons whose labels a library holds: the horizons of answers and of the learned space. #}
{% macro library_horizons() -%}
    {%- set horizons = var('retrieval_horizons') | list -%}
    {%- for horizon in [var('learned_horizon'), var('signal_horizon')]
        if horizon not in horizons -%}
        {%- do horizons.append(horizon) -%}
    {%- endfor -%}
    {{ return(horizons) }}
{%- endmacro %}
