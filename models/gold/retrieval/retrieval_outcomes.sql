{{ partitioned_by('retrieval_answers', storage='view') }}

with

answers as (
    select * from {{ ref('retrieval_answers') }}
),

{{ answers_with_verdicts() }}
