{#
    Query of the columns of level_features_wide_1s, from seed feature_names: features of the market
    under their own names, those of each level with its level_id before it.
#}
{% macro wide_feature_columns() -%}
    with feature_names as (
        select * from ({{ read_seed('feature_names') }})
        where relation = 'level_features_wide_1s'
    )

    select name, data_type, description
    from feature_names
    where family = 'market'
    union all
    select
        level_weights.level_id || '_' || feature_names.name as name,
        feature_names.data_type,
        feature_names.name || ' of level ' || level_weights.level_id || '.' as description
    from feature_names
    cross join ({{ read_seed('level_weights') }}) as level_weights
    where feature_names.family = 'level'
{%- endmacro %}
