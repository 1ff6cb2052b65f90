-- Levels that each rule looks at, and whether the rule names them
select
    rules.rule,
    levels.level_id,
    coalesce(list_contains(rules.levels, levels.level_id), false) as is_named
from alerts.rules as rules
cross join silver.level_definitions as levels
where
    (rules.levels is null or list_contains(rules.levels, levels.level_id))
    and (rules.level_kinds is null or list_contains(rules.level_kinds, levels.level_kind));
