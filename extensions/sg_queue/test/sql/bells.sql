-- Bells: they ring at the commit, not at a rollback, and wake who waits without a transaction.
select no_plan();

select queue.bell('a') as heard \gset
select is(queue.bell('a'), (:heard)::bigint, 'asking rings nothing');
select queue.ring('a');
select cmp_ok(queue.bell('a'), '>', :heard::bigint, 'ringing does');
select queue.bell('a') as heard \gset
begin;
select queue.ring('a'), queue.ring('a');
select is(queue.bell('a'), (:heard)::bigint, 'at the commit');
commit;
select is(queue.bell('a'), (:heard + 1)::bigint, 'and but once');
begin;
select queue.ring('a');
rollback;
select is(queue.bell('a'), (:heard + 1)::bigint, 'not at a rollback');
begin;
savepoint first;
select queue.ring('a');
rollback to first;
commit;
select is(queue.bell('a'), (:heard + 1)::bigint, 'nor at one to a savepoint');
begin;
savepoint first;
savepoint second;
select queue.ring('a');
release second;
rollback to first;
select queue.ring('a');
release first;
savepoint third;
select queue.ring('a');
rollback to third;
commit;
select is(queue.bell('a'), (:heard + 2)::bigint, 'one in a savepoint that is released does');
select lives_ok($$ do 'begin perform queue.ring(''a''); raise division_by_zero; exception when division_by_zero then end' $$);
select is(queue.bell('a'), (:heard + 2)::bigint, 'nor at a block''s end by an error');
select queue.bell('b') as of_b \gset
select queue.ring('a') from generate_series(1, 10);
select is(queue.bell('b'), :of_b::bigint, 'another bell is another');
select lives_ok($$ select queue.ring(''), queue.ring(repeat('x', 100000)), queue.ring('"ü\') $$, 'any name will do');
select throws_ok('select queue.ring(null)', '22004');
select throws_ok('select queue.bell(null)', '22004');

call queue.wait_for_bell('a', 0, 600) \gset
select is(:'rung'::boolean, true, 'what has rung before is told at once');
select queue.bell('a') as heard \gset
call queue.wait_for_bell('a', (:heard)::bigint, 0) \gset
select is(:'rung'::boolean, false, 'what has not, is not by the deadline');
call queue.wait_for_bell('a', (:heard)::bigint, 0.01) \gset
select is(:'rung'::boolean, false, 'a while later');
call queue.wait_for_bell('a', (:heard)::bigint, null) \gset
select is(:'rung'::boolean, false, 'without a timeout it does not wait');
begin;
select throws_ok($$ call queue.wait_for_bell('a', 0, 0) $$, '2D000', null, 'not in a transaction');
rollback;
create function pg_temp.error_of(call text) returns text language plpgsql as $$ begin execute call; return null; exception when others then return sqlstate; end $$;
select is(pg_temp.error_of($$ call queue.wait_for_bell('a', 0, 0) $$), '2D000', 'nor in a function');

select * from finish();
