-- Levels of the lake by priority: of two at the same distance the first is nearer
select
    level_id,
    priority
from silver.level_definitions;
