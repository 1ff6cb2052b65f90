-- Forget what some partitions of relations were built from, so that a build makes them again.
-- $relations: names of models.
-- $start, $end: dates, both included; NULL bounds nothing.
-- $symbols: contracts, which own partitions; none are all.
delete from meta.partition_state
where
    list_contains($relations, relation)
    and ($start is null or dt >= $start)
    and ($end is null or dt <= $end)
    and (len($symbols) = 0 or list_contains($symbols, owner))
returning relation
