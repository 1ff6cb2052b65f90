{{ partitioned_by('spot_days', partition_by=['root', 'dt']) }}

{{ library_statistics_of_days('spot_pools', 'spot_library_files', has_phases=false) }}
