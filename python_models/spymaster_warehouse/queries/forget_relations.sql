-- Forget what some relations were made of, so that a build makes whole tables and views again.
-- $relations: names of models.
update meta.relation_state set built_from = null where list_contains($relations, relation)
