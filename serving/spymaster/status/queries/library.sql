-- One row per library of past approaches.
select
    library.root,
    library.approach_dir,
    library.n_vectors,
    count(distinct days.dt) as days,
    min(days.dt) as first_dt,
    max(days.dt) as last_dt
from gold.retrieval_library as library
left join steps.retrieval_library_days as days
    on library.root = days.root and library.approach_dir = days.approach_dir
group by library.root, library.approach_dir, library.n_vectors
order by library.root, library.approach_dir
