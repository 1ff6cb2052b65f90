-- Files of a direction's library
select
    vectors_path,
    rows_path,
    n_context
from gold.retrieval_library
where
    root = $root
    and approach_dir = $approach_dir;
