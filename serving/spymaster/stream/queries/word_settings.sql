-- Settings of the build for ladders and conditions
select * from silver.word_settings;
