with

vectors as (
    select * from {{ ref('retrieval_decisions') }}
),

selection as (
    select * from {{ ref('mbo_contract_day_selection') }}
)

select
    selection.root,
    vectors.symbol,
    vectors.dt,
    vectors.level_id,
    vectors.approach_dir,
    coalesce(vectors.decision_phase, 'approaching') as decision_phase,
    cast(count(*) as integer) as n_vectors,
    cast(count(distinct vectors.episode_id) as integer) as n_episodes
from vectors
inner join selection
    on
        {{ root_of('vectors.symbol') }} = selection.root
        and vectors.session_date = selection.session_date
        and vectors.symbol = selection.selected_symbol
group by all
