{{ partitioned_by('spot_answers', storage='view') }}

with

answers as (
    select * from {{ ref('spot_answers') }}
),

{{ answers_with_verdicts(has_phases=false) }}
