-- What is too large for a message: the message carries its hash. The same content is kept once.
--
-- Services reach blobs by their hash alone, through two functions: who knows it has read the message that names it.

create table public.blobs (
    hash bytea constraint blobs_pkey primary key,
    bytes bigint not null,
    body bytea not null,
    put_at timestamptz not null default clock_timestamp(),
    constraint blobs_hash_length check (octet_length(hash) = 32),
    constraint blobs_bytes_true check (bytes = octet_length(body))
);
comment on table public.blobs is 'Large parts of messages, by the SHA-256 of their content.';
comment on column public.blobs.put_at is 'When it was last needed for a message; what nobody needs goes.';
create index blobs_put_at on public.blobs (put_at);

create function public.put_blob(body bytea) returns bytea
    language sql volatile strict security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    insert into public.blobs (hash, bytes, body)
    values (sha256($1), octet_length($1), $1)
    on conflict on constraint blobs_pkey do update set put_at = clock_timestamp()
    returning hash;
end;
comment on function public.put_blob(bytea) is 'Keeps a content, and returns its hash; one that is known is kept anew.';

create function public.get_blob(hash bytea) returns bytea
    language sql stable strict security definer parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select b.body from public.blobs b where b.hash = $1;
end;
comment on function public.get_blob(bytea) is 'The content with this hash; null if there is none.';

-- Anybody can send what looks like a reference, and store what is no text: then it is null, as in the typed views.
create function public.blob_text(reference jsonb) returns text
    language plpgsql stable strict parallel safe
    set search_path = pg_catalog, pg_temp
as $$
begin
    if $1 ->> '$blob' ~ '^[0-9a-f]{64}$' then
        return convert_from(public.get_blob(decode($1 ->> '$blob', 'hex')), 'UTF8');
    end if;
    return null;
exception when character_not_in_repertoire then
    return null;
end
$$;
comment on function public.blob_text(jsonb) is 'The text that a message refers to, {"$blob": "SHA-256"}; null if there is none.';

revoke execute on function public.put_blob(bytea), public.get_blob(bytea), public.blob_text(jsonb) from public;
grant execute on function public.put_blob(bytea), public.get_blob(bytea), public.blob_text(jsonb)
    to singularity, genesis, nexus;
