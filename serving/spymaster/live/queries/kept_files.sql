-- Whether a macro lists files: without a partition it lists none
select function_name
from duckdb_functions()
where
    schema_name = 'meta'
    and function_name = $name
    and contains(macro_definition, '.parquet');
