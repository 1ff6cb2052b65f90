-- Compiled SQL of the relations that a reader computes from other relations, without files
select
    relation,
    sql
from meta.model_sql
where
    storage = 'view'
    and not regexp_matches(sql, '\bread_\w+\s*\(')
order by relation;
