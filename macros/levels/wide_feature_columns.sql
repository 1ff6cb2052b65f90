{#
    Query of the columns of level_features_wide_1s, from seed feature_names: features of the market
    under their own names, those of each level in use with its name before it.
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
        levels.prefix || '_' || feature_names.name as name,
        feature_names.data_type,
        feature_names.name || ' of level ' || levels.level_id || '.' as description
    from feature_names
    cross join (
        values
        {% for level_id in level_ids() %}
            ('{{ level_id }}', '{{ level_prefix(level_id) }}'){{ "," if not loop.last }}
        {% endfor %}
    ) as levels (level_id, prefix)
    where feature_names.family = 'level'
{%- endmacro %}
