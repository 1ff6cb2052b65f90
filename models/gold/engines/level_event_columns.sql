{{ config(materialized='view') }}

with described as (
    {{ level_event_column_rows() }}
)

select *
from described
