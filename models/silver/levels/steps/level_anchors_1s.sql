{{ partitioned_by('level_offset_1s') }}

{# who builds no levels may have a narrow wall -#}
{% if execute and var('level_max_k_ticks') + zone_ticks() > var('wall_max_ticks') %}
    {{ exceptions.raise_compiler_error(
        "level_max_k_ticks and the zone of distance_buckets must lie within wall_max_ticks, "
        ~ var('wall_max_ticks') ~ "; together they reach "
        ~ (var('level_max_k_ticks') + zone_ticks())
    ) }}
{% endif %}

{{ level_anchors('surface_windows') }}
