{{ asof_days('retrieval_vectors', 'level_labels', 'retrieval_library_days', 'contract_days') }}
