-- Each level against the same price shifted by a few ticks, in both directions and at every distance
select
    placebos.level_id,
    placebos.n_episodes,
    placebos.held_share,
    placebos.placebo_held_share,
    placebos.level_matters
from gold.level_placebo as placebos
inner join gold.retrieval_settings as settings on placebos.horizon_id = settings.horizon_id
where
    starts_with($symbol, placebos.root)
    and placebos.approach_dir = 'both'
    and placebos.distance_band is null
    and placebos.level_id is not null;
