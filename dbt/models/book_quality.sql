-- One row per book that was ever tried, so that a book that could not be read is a row too.
with tried as (
    select book_id from {{ source('lake', 'raw_books') }}
    union
    select key as book_id from {{ source('lake', 'lake_failures') }} where per_book
),

pages as (
    select
        book_id,
        count(*) filter (where status = 'ok') as pages_read,
        count(*) filter (where status = 'failed') as pages_failed,
        count(*) filter (where status = 'empty') as pages_empty,
        count(*) filter (where status = 'scanned') as pages_scanned,
        count(*) filter (
            where {{ column_or('raw_books__pages', 'source', "''") }} = 'ocr'
        ) as pages_ocr,
        sum(chars)::bigint as page_chars,
        sum(kept)::bigint as kept_chars,
        sum(furniture)::bigint as furniture_chars,
        sum(moved)::bigint as moved_chars,
        sum(repaired)::bigint as repaired_chars,
        sum(lost)::bigint as lost_chars,
        sum(doubled)::bigint as doubled_chars
    from {{ source('lake', 'raw_books__pages') }}
    group by book_id
),

page_codes as (
    select book_id, to_json(map_from_entries(list((code, pages) order by code)))::varchar as pages_by_code
    from (
        select book_id, code, count(*) as pages
        from {{ source('lake', 'raw_books__pages') }}
        where code is not null
        group by book_id, code
    )
    group by book_id
),

changes as (
    select
        book_id,
        coalesce(sum(changes) filter (where repairs), 0)::bigint as repairs,
        to_json(map_from_entries(list((kind, changes) order by kind)))::varchar as changes_by_kind
    from (
        select
            book_id, kind, count(*) as changes,
            kind not in (
                'furniture', 'contents', 'title_page', 'turned', 'hidden', 'figure', 'empty', 'mark',
                'heading_number'
            ) as repairs
        from {{ source('lake', 'raw_books__changes') }}
        group by book_id, kind
    )
    group by book_id
),

code as (
    select book_id, to_json(map_from_entries(list((lang, blocks) order by lang)))::varchar as code_by_lang
    from (
        select book_id, if(lang = '', 'unknown', lang) as lang, count(*) as blocks
        from {{ source('lake', 'raw_books__blocks') }}
        where kind in ('code', 'iex', 'erl_shell', 'output')
        group by all
    )
    group by book_id
),

blocks_by_kind as (
    select book_id, kind, count(*) as blocks, sum(length(text))::bigint as chars
    from {{ source('lake', 'raw_books__blocks') }}
    group by book_id, kind
),

blocks as (
    select
        book_id,
        sum(blocks) filter (where kind = 'heading')::bigint as headings,
        sum(blocks) filter (where kind in ('code', 'iex', 'erl_shell'))::bigint as code_blocks,
        sum(blocks) filter (where kind = 'table')::bigint as table_blocks,
        coalesce(sum(chars) filter (where kind in ('code', 'iex', 'erl_shell')), 0)
            / nullif(sum(chars) filter (where kind != 'running_head'), 0) as code_share,
        to_json(map_from_entries(list((kind, blocks) order by kind)))::varchar as blocks_by_kind
    from blocks_by_kind
    group by book_id
),

sections as (
    select book_id, count(*) as sections from {{ source('lake', 'sections') }} group by book_id
),

prose as (
    select book_id, count(*) as sections_repeated
    from {{ source('lake', 'sections') }} as own
    where exists (
        select 1 from {{ source('lake', 'sections') }} as other
        where other.prose_id = own.prose_id and other.book_id != own.book_id
    )
    group by book_id
),

units as (
    select
        book_id,
        count(*) as units,
        count(*) filter (where chars between 1500 and 1900) as units_in_range,
        count(*) filter (where parts > 1) as units_of_long_listings
    from {{ source('lake', 'sections__units') }}
    group by book_id
),

refs as (
    select
        book_id,
        count(*) as refs,
        count(*) filter (where target_section_id is not null) as refs_resolved
    from {{ source('lake', 'sections__refs') }}
    group by book_id
),

exercises as (
    select
        book_id,
        count(*) as exercises,
        count(*) filter (where answer_block_id is not null) as exercises_answered
    from {{ source('lake', 'sections__exercises') }}
    group by book_id
),

editions as (
    select
        book_id,
        count(*) as editions,
        arg_max(edition_of, share) as edition_of,
        arg_max(kind, share) as edition_kind,
        max(share) as edition_share
    from {{ ref('book_editions') }}
    group by book_id
),

concepts as (
    select book_id, count(*) as concepts from {{ source('lake', 'concept_graph') }} group by book_id
),

pairs as (
    select
        book_id,
        count(*) as pairs,
        count(*) filter (where split = 'heldout') as pairs_heldout
    from {{ source('lake', 'instruction_pairs') }}
    group by book_id
),

rejects_by_gate as (
    select book_id, gate, count(*) as rejects
    from {{ source('lake', 'instruction_pairs__rejected') }}
    group by book_id, gate
),

rejects as (
    select
        book_id,
        sum(rejects)::bigint as rejected,
        to_json(map_from_entries(list((gate, rejects) order by gate)))::varchar as rejects_by_gate
    from rejects_by_gate
    group by book_id
),

readings as (
    select
        key as book_id,
        json_extract(counts, '$.code_judged')::bigint as code_judged,
        json_extract(counts, '$.code_parsed')::bigint as code_parsed
    from {{ source('lake', 'lake_builds') }}
    where asset = 'raw_books'
),

-- a book that is held back for its licence has not failed, as booktune run says, too
failures as (
    select
        key as book_id,
        count(*) as failures,
        string_agg(asset || ': ' || code, ', ' order by asset) as failed_with
    from {{ source('lake', 'lake_failures') }}
    where per_book and code != 'LICENCE_HELD'
    group by key
)

select
    tried.book_id,
    books.title,
    books.format,
    books.licence,
    books.file_sha256,
    coalesce(books.pages, 0) as pages,
    coalesce(pages.pages_read, 0) as pages_read,
    coalesce(pages.pages_empty, 0) as pages_empty,
    coalesce(pages.pages_scanned, 0) as pages_scanned,
    coalesce(pages.pages_ocr, 0) as pages_ocr,
    coalesce(pages.pages_failed, 0) as pages_failed,
    coalesce(page_codes.pages_by_code, '{}') as pages_by_code,
    coalesce(books.blocks, 0) as blocks,
    coalesce(blocks.headings, 0) as headings,
    coalesce(blocks.code_blocks, 0) as code_blocks,
    coalesce(blocks.table_blocks, 0) as table_blocks,
    coalesce(blocks.blocks_by_kind, '{}') as blocks_by_kind,
    round(coalesce(blocks.code_share, 0), 4) as code_share,
    coalesce(code.code_by_lang, '{}') as code_by_lang,
    coalesce(pages.page_chars, 0) as page_chars,
    coalesce(pages.kept_chars, 0) as kept_chars,
    coalesce(pages.furniture_chars, 0) as furniture_chars,
    coalesce(pages.moved_chars, 0) as moved_chars,
    coalesce(pages.repaired_chars, 0) as repaired_chars,
    coalesce(pages.lost_chars, 0) as lost_chars,
    coalesce(pages.doubled_chars, 0) as doubled_chars,
    round(pages.kept_chars / nullif(pages.page_chars, 0), 4) as kept_share,
    coalesce(changes.repairs, 0) as repairs,
    coalesce(changes.changes_by_kind, '{}') as changes_by_kind,
    coalesce(readings.code_judged, 0) as code_judged,
    coalesce(readings.code_parsed, 0) as code_parsed,
    round(readings.code_parsed / nullif(readings.code_judged, 0), 4) as code_parse_rate,
    coalesce(sections.sections, 0) as sections,
    coalesce(prose.sections_repeated, 0) as sections_repeated,
    coalesce(units.units, 0) as units,
    coalesce(units.units_in_range, 0) as units_in_range,
    coalesce(units.units_of_long_listings, 0) as units_of_long_listings,
    coalesce(refs.refs, 0) as refs,
    coalesce(refs.refs_resolved, 0) as refs_resolved,
    coalesce(exercises.exercises, 0) as exercises,
    coalesce(exercises.exercises_answered, 0) as exercises_answered,
    coalesce(editions.editions, 0) as editions,
    editions.edition_of,
    editions.edition_kind,
    editions.edition_share,
    coalesce(concepts.concepts, 0) as concepts,
    coalesce(pairs.pairs, 0) as pairs,
    coalesce(pairs.pairs_heldout, 0) as pairs_heldout,
    coalesce(rejects.rejected, 0) as rejected,
    coalesce(rejects.rejects_by_gate, '{}') as rejects_by_gate,
    coalesce(failures.failures, 0) as failures,
    failures.failed_with
from tried
left join {{ source('lake', 'raw_books') }} as books using (book_id)
left join pages using (book_id)
left join blocks using (book_id)
left join page_codes using (book_id)
left join changes using (book_id)
left join code using (book_id)
left join sections using (book_id)
left join prose using (book_id)
left join units using (book_id)
left join refs using (book_id)
left join exercises using (book_id)
left join editions using (book_id)
left join concepts using (book_id)
left join pairs using (book_id)
left join rejects using (book_id)
left join readings using (book_id)
left join failures using (book_id)
order by tried.book_id
