-- depends_on: {{ ref('retrieval_answers') }}
-- depends_on: {{ ref('level_decisions') }}
{% set inputs = ['retrieval_answers', 'level_decisions'] %}

with

{% for input in inputs %}
    {{ input }} as (
        select * from {{ partition_versions(input) }}
    ),
{% endfor %}

thresholds as (
    select
        root,
        -- a whole row
        md5(cast(trigger_thresholds as varchar)) as thresholds_hash
    from {{ ref('trigger_thresholds') }} as trigger_thresholds  -- noqa: AL05
)

select
    retrieval_answers.symbol,
    retrieval_answers.dt,
    thresholds.root,
    md5(concat_ws(
        '|',
        retrieval_answers.input_fingerprint,
        level_decisions.input_fingerprint,
        thresholds.thresholds_hash,
        '{{ tojson(var("trigger_threshold_grid"), sort_keys=true) }}',
        '{{ tojson(var("trigger_search_limits"), sort_keys=true) }}'
    )) as input_fingerprint
from retrieval_answers
inner join level_decisions
    on
        retrieval_answers.symbol = level_decisions.symbol
        and retrieval_answers.dt = level_decisions.dt
inner join thresholds
    on {{ root_of('retrieval_answers.symbol') }} = thresholds.root
