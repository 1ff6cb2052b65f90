{% if execute and var('spot_every_s') % var('vector_window_s') %}
    {{ exceptions.raise_compiler_error(
        "spot_every_s must be a multiple of vector_window_s, " ~ var('vector_window_s')
    ) }}
{% endif %}

with

vectors as (
    select * from {{ ref('spot_vectors') }}
    where {{ is_spot_query('window_end_ts') }}
),

selection as (
    select * from {{ ref('mbo_contract_day_selection') }}
)

select
    selection.root,
    vectors.symbol,
    vectors.dt,
    vectors.approach_dir,
    cast(count(*) as integer) as n_vectors,
    cast(count(distinct vectors.episode_id) as integer) as n_episodes
from vectors
inner join selection
    on
        {{ root_of('vectors.symbol') }} = selection.root
        and vectors.session_date = selection.session_date
        and vectors.symbol = selection.selected_symbol
group by selection.root, vectors.symbol, vectors.dt, vectors.approach_dir
