-- What ladders and conditions were built with
select * from silver.word_settings;
