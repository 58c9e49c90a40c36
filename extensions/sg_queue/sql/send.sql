-- Sending -----------------------------------------------------------------------------------------

-- The ids of a batch ascend in the order of its array. Listeners are notified as the trigger of notify.sql
-- says, which does it for inserts by other programs.
create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay timestamptz)
    returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_send_batch_headers_delay';
comment on function pgmq.send_batch(text, jsonb[], jsonb[], timestamptz) is
    'Sends messages with headers that become visible at a time.';

create function pgmq.send_batch(queue_name text, msgs jsonb[]) returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_send_batch';
comment on function pgmq.send_batch(text, jsonb[]) is
    'Sends messages and returns their ids in the order of the array.';

create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[]) returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_send_batch_headers';
comment on function pgmq.send_batch(text, jsonb[], jsonb[]) is 'Sends messages with a header for each.';

create function pgmq.send_batch(queue_name text, msgs jsonb[], delay integer) returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_send_batch_delay';
comment on function pgmq.send_batch(text, jsonb[], integer) is
    'Sends messages that become visible after delay seconds.';

create function pgmq.send_batch(queue_name text, msgs jsonb[], delay timestamptz) returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_send_batch_delay';
comment on function pgmq.send_batch(text, jsonb[], timestamptz) is
    'Sends messages that become visible at a time.';

create function pgmq.send_batch(queue_name text, msgs jsonb[], headers jsonb[], delay integer)
    returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_send_batch_headers_delay';
comment on function pgmq.send_batch(text, jsonb[], jsonb[], integer) is
    'Sends messages with headers that become visible after delay seconds.';

create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay timestamptz) returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_send_headers_delay';
comment on function pgmq.send(text, jsonb, jsonb, timestamptz) is
    'Sends a message with headers that becomes visible at a time.';

create function pgmq.send(queue_name text, msg jsonb) returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_send';
comment on function pgmq.send(text, jsonb) is 'Sends a message and returns its id.';

create function pgmq.send(queue_name text, msg jsonb, headers jsonb) returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_send_headers';
comment on function pgmq.send(text, jsonb, jsonb) is 'Sends a message with headers and returns its id.';

create function pgmq.send(queue_name text, msg jsonb, delay integer) returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_send_delay';
comment on function pgmq.send(text, jsonb, integer) is
    'Sends a message that becomes visible after delay seconds.';

create function pgmq.send(queue_name text, msg jsonb, delay timestamptz) returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_send_delay';
comment on function pgmq.send(text, jsonb, timestamptz) is 'Sends a message that becomes visible at a time.';

create function pgmq.send(queue_name text, msg jsonb, headers jsonb, delay integer) returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_send_headers_delay';
comment on function pgmq.send(text, jsonb, jsonb, integer) is
    'Sends a message with headers that becomes visible after delay seconds.';

