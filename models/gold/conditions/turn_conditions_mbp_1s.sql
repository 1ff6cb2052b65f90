-- noqa: disable=AM04
{{ partitioned_by('turn_states_mbp_1s', inputs=['turn_flows_mbp_1s'], storage='view') }}

with

turn_states as (
    select * exclude (condition_window_s)
    from {{ ref('turn_states_mbp_1s') }}
    where condition_window_s = {{ var('condition_window_s') }}
),

turn_flows as (
    select * from {{ ref('turn_flows_mbp_1s') }}
    where condition_window_s = {{ var('condition_window_s') }}
)

select
    turn_states.*,
    turn_flows.reach_ticks,
    turn_flows.scrolled_qty,
    turn_flows.unknown_side_qty,
    turn_flows.resolution_s
from turn_states
inner join turn_flows
    on
        turn_states.symbol = turn_flows.symbol
        and turn_states.dt = turn_flows.dt
        and turn_states.window_start_ts = turn_flows.window_start_ts
