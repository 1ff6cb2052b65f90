{# The vars that shape an answer as JSON, for the functions of retrieval. #}
{% macro retrieval_settings() -%}
    {%- for block in var('learned_blocks') if block not in vector_blocks() -%}
        {%- do exceptions.raise_compiler_error(
            'var learned_blocks: a vector has no block ' ~ block ~ '; it has '
            ~ vector_blocks() | join(', ')
        ) -%}
    {%- endfor -%}
    {{ return(vars_as_json([
        'retrieval_family',
        'retrieval_horizons',
        'retrieval_space',
        'learned_min_episodes',
        'learned_horizon',
        'learned_refit_days',
        'learned_max_distance_ticks',
        'learned_windows_per_episode',
        'learned_blocks',
        'learned_every_block_episodes',
        'learned_mirrored',
        'learned_episodes_per_neighbor',
        'learned_min_k',
        'retrieval_k_raw',
        'retrieval_k',
        'neighbors_per_episode',
        'similarity_power',
        'base_rate_weight',
        'min_neighbors',
        'min_neighbor_days',
        'min_neighbor_episodes',
        'min_band_episodes',
        'vector_block_windows',
        'distance_bands',
        'phase_distance_bands',
        'similarity_floor_quantile',
        'similarity_floor_rows',
        'signal_horizon',
        'signal_max_ticks',
        'signal_resamples',
        'evaluation_seed',
    ])) }}
{%- endmacro %}
