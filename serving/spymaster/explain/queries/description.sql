-- Description of a relation, a table or a view
select comment
from duckdb_tables()
where database_name = current_database() and schema_name = $schema and table_name = $name
union all
select comment
from duckdb_views()
where database_name = current_database() and schema_name = $schema and view_name = $name;
