-- What ladders and conditions were built with
select * from silver.level_settings;
