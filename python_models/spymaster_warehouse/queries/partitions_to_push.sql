-- One row per built partition.
-- schema_name: of its relation.
-- relation: its name.
-- is_table: whether it is stored as rows of a table.
-- owner_column: symbol or root.
-- owner: contract or root.
-- dt: date.
-- input_fingerprint: hash of its inputs.
-- model_checksum: hash of its code.
-- store_name: how a store names it; NULL where that was not kept.
-- files: names of its files.
with relations as (
    -- a former name of a step is a view of it
    select
        arg_max(schema_name, schema_name = 'steps') as schema_name,
        table_name as relation,
        if(bool_or(column_name = 'symbol'), 'symbol', 'root') as owner_column
    from duckdb_columns()
    where database_name = current_database() and schema_name in ('silver', 'gold', 'steps')
    group by table_name
)

select
    relations.schema_name,
    relations.relation,
    tables.table_name is not null as is_table,
    relations.owner_column,
    state.owner,
    state.dt,
    state.input_fingerprint,
    state.model_checksum,
    names.store_name,
    names.files
from meta.partition_state as state
inner join relations using (relation)
left join duckdb_tables() as tables
    on
        tables.database_name = current_database()
        and tables.schema_name = relations.schema_name
        and tables.table_name = relations.relation
left join meta.store_names as names using (relation, owner, dt)
order by state.dt, relations.relation, state.owner
