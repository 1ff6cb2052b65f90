with turn_states as (
  select * from "steps"."turn_states_1s"
)
select * exclude (condition_window_s)
from turn_states
where condition_window_s = 5
