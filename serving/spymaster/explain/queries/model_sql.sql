-- Code that made a relation
select
    language,
    materialized,
    storage,
    sql
from meta.model_sql
where relation = $relation;
