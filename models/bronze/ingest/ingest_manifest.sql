{% set files = landed_files('*', '*', '_MANIFEST.json') %}

with manifests as (
    select * from {{ read_manifests(files) }}
),

renamed as (
    select
        dataset as dataset_key,
        symbol,
        dt,
        partition_key,
        root,
        tick_int,
        row_count,
        content_hash,
        file_bytes,
        file_sha256,
        inputs,
        min_ts_event,
        max_ts_event,
        min_ts_recv,
        max_ts_recv,
        instrument_ids,
        counts_per_action,
        counts_per_flags,
        records_in,
        dropped,
        gaps,
        allow_missing_definitions,
        definition_roots,
        definition_input_hash,
        notes,
        ingest_version,
        cast(timezone('UTC', created_at) as timestamp) as created_at,
        replace(filename, '{{ lake_root() }}/', '')[:-length('_MANIFEST.json') - 1]
        || file_name as landed_path
    from manifests
)

select * from renamed
