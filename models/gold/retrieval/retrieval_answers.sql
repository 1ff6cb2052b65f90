{{ partitioned_by(
    'retrieval_vectors',
    inputs=['retrieval_days', 'retrieval_days.labels_fingerprint'],
    contents=['retrieval_mirror'],
) }}

with

queries as (
    {{ retrieval_queries() }}
),

decisions as (
    select * from {{ ref('level_decisions') }}
    where {{ in_partition() }}
),

{{ answers_of_queries() }}
