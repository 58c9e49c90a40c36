-- Bells -------------------------------------------------------------------------------------------

-- For what is no message: whoever has written something rings, and whoever waits for it is woken by the commit. One
-- who asks how often a bell has rung, looks, and then waits for it to ring again misses nothing. A bell may ring for
-- nothing: others share its counter.
create function queue.ring(bell text) returns void
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_ring';
comment on function queue.ring(text) is 'Wakes, at the commit, all who wait for a bell; any name is one.';

create function queue.bell(bell text) returns bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_bell';
comment on function queue.bell(text) is 'How often a bell has rung since the server''s start, at least.';

create procedure queue.wait_for_bell(bell text, heard bigint, timeout double precision,
    inout rung boolean default null)
    language c as 'sg_queue', 'sg_queue_wait_for_bell';
comment on procedure queue.wait_for_bell(text, bigint, double precision, boolean) is
    'Sleeps up to timeout seconds until queue.bell(bell) is another number than heard; rung tells whether it is.';
