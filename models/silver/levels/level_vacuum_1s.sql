-- noqa: disable=LT02,LT05,RF02
{{ partitioned_by('level_book_1s', storage='view') }}

with

level_anchors as (
    select * from {{ ref('level_anchors_1s') }}
),

level_book as (
    select * exclude (k_ticks) from {{ ref('level_book_1s') }}
),

{{ level_vacuum(1) }}
