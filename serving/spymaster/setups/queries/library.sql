-- Files of a direction's library and of its mirror
select
    retrieval_family,
    vectors_path,
    rows_path,
    n_context,
    mirror_vectors_path,
    mirror_rows_path,
    mirror_columns,
    mirror_signs
from gold.retrieval_library_files
where
    root = $root
    and approach_dir = $approach_dir;
