{{ partitioned_by('retrieval_days', partition_by=['root', 'dt']) }}

{{ library_statistics_of_days('retrieval_pools', 'retrieval_library_files') }}
