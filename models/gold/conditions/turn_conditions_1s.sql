{{ partitioned_by('turn_states_1s', storage='view') }}

with turn_states as (
    select * from {{ ref('turn_states_1s') }}
)

select * exclude (condition_window_s)  -- noqa: AM04
from turn_states
where condition_window_s = {{ var('condition_window_s') }}
