-- Finishing ---------------------------------------------------------------------------------------

create function pgmq.delete(queue_name text, msg_ids bigint[]) returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_delete_many';
comment on function pgmq.delete(text, bigint[]) is 'Deletes messages and returns the ids that were there.';

create function pgmq.delete(queue_name text, msg_id bigint) returns boolean
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_delete';
comment on function pgmq.delete(text, bigint) is 'Deletes a message; false if there is none.';

create function pgmq.archive(queue_name text, msg_ids bigint[]) returns setof bigint
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_archive_many';
comment on function pgmq.archive(text, bigint[]) is
    'Moves messages to the archive and returns the ids that were there.';

create function pgmq.archive(queue_name text, msg_id bigint) returns boolean
    language c volatile parallel unsafe as 'sg_queue', 'sg_queue_archive';
comment on function pgmq.archive(text, bigint) is 'Moves a message to the archive; false if there is none.';

