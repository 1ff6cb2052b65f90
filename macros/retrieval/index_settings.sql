{# The vars that shape an index of vectors of so many blocks, as JSON. #}
{% macro index_settings(block_count) -%}
    {%- set settings = {
        'hnsw_min_vectors': var('hnsw_min_vectors'),
        'near_duplicate_similarity': var('index_quality')['near_duplicate_similarity'],
        'label_horizon': var('signal_horizon'),
        'block_width_divisor': block_count,
    } -%}
    {%- do settings.update(var('hnsw')) -%}
    {{ return(tojson(settings, sort_keys=true)) }}
{%- endmacro %}
