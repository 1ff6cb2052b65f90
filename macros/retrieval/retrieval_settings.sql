{# The vars that shape an answer as JSON, for the functions of retrieval. #}
{% macro retrieval_settings() -%}
    {%- set blocks = [] -%}
    {%- for block in var('learned_blocks') -%}
        {%- if block not in vector_blocks() -%}
            {%- do exceptions.raise_compiler_error(
                'var learned_blocks: a vector has no block ' ~ block ~ '; it has '
                ~ vector_blocks() | join(', ')
            ) -%}
        {%- endif -%}
        {%- do blocks.append(vector_blocks().index(block)) -%}
    {%- endfor -%}
    {%- set bands = [] -%}
    {%- for name, bounds in var('distance_bands').items() -%}
        {%- do bands.append([name] + (bounds | list)) -%}
    {%- endfor -%}
    {{ return(tojson({
        'horizons': var('retrieval_horizons'),
        'space': var('retrieval_space'),
        'learned_min_episodes': var('learned_min_episodes'),
        'learned_horizon': var('learned_horizon'),
        'learned_refit_days': var('learned_refit_days'),
        'learned_max_distance_ticks': var('learned_max_distance_ticks'),
        'learned_windows_per_episode': var('learned_windows_per_episode'),
        'learned_blocks': blocks,
        'learned_every_block_episodes': var('learned_every_block_episodes'),
        'learned_mirrored': var('learned_mirrored'),
        'learned_episodes_per_neighbor': var('learned_episodes_per_neighbor'),
        'learned_min_k': var('learned_min_k'),
        'k_raw': var('retrieval_k_raw'),
        'k': var('retrieval_k'),
        'per_episode': var('neighbors_per_episode'),
        'weight_power': var('similarity_power'),
        'base_rate_weight': var('base_rate_weight'),
        'min_neighbors': var('min_neighbors'),
        'min_days': var('min_neighbor_days'),
        'min_episodes': var('min_neighbor_episodes'),
        'min_band_episodes': var('min_band_episodes'),
        'block_width_divisor': vector_blocks() | length,
        'distance_bands': bands,
        'floor_quantile': var('similarity_floor_quantile'),
        'floor_rows': var('similarity_floor_rows'),
        'signal_horizon': var('signal_horizon'),
        'signal_max_ticks': var('signal_max_ticks'),
        'signal_resamples': var('signal_resamples'),
        'signal_seed': var('evaluation_seed'),
    }, sort_keys=true)) }}
{%- endmacro %}
