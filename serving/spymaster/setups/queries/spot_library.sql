-- Files of the library of a direction without a level, and of its mirror
select
    retrieval_family,
    vectors_path,
    rows_path,
    n_context,
    mirror_vectors_path,
    mirror_rows_path,
    mirror_columns,
    mirror_signs
from gold.spot_library_files
where
    root = $root
    and approach_dir = $approach_dir;
