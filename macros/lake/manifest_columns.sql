{# Fields of _MANIFEST.json that the warehouse reads, with their types. #}
{% macro manifest_columns() -%}
    {{ return({
        'dataset': 'varchar',
        'symbol': 'varchar',
        'dt': 'date',
        'partition_key': 'varchar',
        'root': 'varchar',
        'tick_int': 'bigint',
        'row_count': 'bigint',
        'content_hash': 'varchar',
        'file_name': 'varchar',
        'file_bytes': 'bigint',
        'file_sha256': 'varchar',
        'min_ts_event': 'timestamp_ns',
        'max_ts_event': 'timestamp_ns',
        'min_ts_recv': 'timestamp_ns',
        'max_ts_recv': 'timestamp_ns',
        'instrument_ids': 'uinteger[]',
        'counts_per_action': 'map(varchar, bigint)',
        'counts_per_flags': 'map(varchar, bigint)',
        'records_in': 'bigint',
        'rows_out': 'bigint',
        'dropped': 'map(varchar, bigint)',
        'inputs': 'struct("path" varchar, "sha256" varchar, "bytes" bigint, '
            ~ '"dbn_version" integer, "schema" varchar)[]',
        'allow_missing_definitions': 'boolean',
        'definition_roots': 'varchar[]',
        'definition_input_hash': 'varchar',
        'notes': 'varchar[]',
        'ingest_version': 'varchar',
        'created_at': 'timestamptz',
    }) }}
{%- endmacro %}
