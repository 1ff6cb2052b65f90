{% set choices = ['auto', 'level', 'market'] %}
{% if var('retrieval_family') not in choices %}
    {{ exceptions.raise_compiler_error(
        "retrieval_family is auto, level or market, not '" ~ var('retrieval_family') ~ "'"
    ) }}
{% endif %}

with

decision_days as (
    select * from {{ partition_versions('level_decisions') }}
),

level_vectors as (
    select distinct symbol from {{ ref('mbo_trigger_vectors') }}
),

level_roots as (
    select distinct {{ root_of('symbol') }} as root
    from level_vectors
),

days as (
    select distinct
        {{ root_of('symbol') }} as root,
        dt
    from decision_days
),

chosen as (
    select
        days.*,
        {% if var('retrieval_family') == 'auto' %}
            if(level_roots.root is null, 'market', 'level')
        {% else %}
            '{{ var("retrieval_family") }}'
        {% endif %} as retrieval_family
    from days
    left join level_roots on days.root = level_roots.root
)

select
    root,
    dt,
    retrieval_family,
    retrieval_family as input_fingerprint
from chosen
order by root, dt
