-- The hint of the error that a statement ends with; null where it ends well.
create function pg_temp.hint_of(call text) returns text language plpgsql as $$
declare
    hint text;
begin
    execute call;
    return null;
exception when others then
    get stacked diagnostics hint = pg_exception_hint;
    return hint;
end
$$;
