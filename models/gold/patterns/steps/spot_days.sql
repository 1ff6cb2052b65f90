{{ asof_days('spot_vectors', 'spot_outcomes', 'spot_library_days') }}
