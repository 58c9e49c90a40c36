// Every call of pgmq-js, which sends its parameters without types, and the calls of plain node-postgres that
// clients in other languages make.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

const require = createRequire(`${process.env.QUEUE_CLIENTS}/`);
const { Pgmq } = require('pgmq-js');
const { Client } = require('pg');

const { PGHOST: host, PGUSER: user, PGDATABASE: database } = process.env;
const inMinutes = (date) => Math.round((date - Date.now()) / 60000);
let pgmq, client;

before(async () => {
    pgmq = await Pgmq.new({ host, user, database, port: 5432, password: '', ssl: false });
    client = new Client({ host, user, database });
    await client.connect();
});
after(async () => {
    await client?.end();
    await pgmq?.close();
});

test('creates, lists and drops queues', async () => {
    await pgmq.queue.create('Listed');
    await pgmq.queue.createUnlogged('fleeting');
    const queues = (await pgmq.queue.list()).sort((a, b) => (a.name < b.name ? -1 : 1));
    assert.deepEqual(queues.map((q) => [q.name, q.isPartitioned, q.isUnlogged]),
        [['Listed', false, false], ['fleeting', false, true]]);
    await pgmq.queue.detachArchive('Listed');
    await pgmq.queue.drop('Listed');
    await pgmq.queue.drop('fleeting');
    assert.deepEqual(await pgmq.queue.list(), []);
});

test('sends, reads and finishes messages one by one', async () => {
    await pgmq.queue.create('single');
    assert.equal(await pgmq.msg.send('single', { n: 1, text: "it's \"quoted\" — ✓" }), 1);
    assert.equal(await pgmq.msg.send('single', [2]), 2);
    assert.equal(await pgmq.msg.send('single', 'late', 3600), 3);
    const first = await pgmq.msg.read('single', 600);
    assert.deepEqual([first.msgId, first.readCount], [1, 1]);
    assert.deepEqual(first.message, { n: 1, text: "it's \"quoted\" — ✓" });
    assert.equal(inMinutes(first.vt), 10);
    const moved = await pgmq.msg.setVt('single', 1, 1800);
    assert.deepEqual([moved.msgId, moved.readCount, inMinutes(moved.vt)], [1, 1, 30]);
    assert.equal(await pgmq.msg.setVt('single', 99, 1), undefined);
    assert.equal(await pgmq.msg.archive('single', 1), true);
    assert.equal(await pgmq.msg.archive('single', 1), false);
    assert.deepEqual((await pgmq.msg.pop('single')).message, [2]);
    assert.equal(await pgmq.msg.pop('single'), undefined);
    assert.equal(await pgmq.msg.read('single'), undefined);
    assert.equal(await pgmq.msg.delete('single', 3), true);
    assert.equal(await pgmq.msg.delete('single', 3), false);
});

test('sends, reads and finishes batches', async () => {
    await pgmq.queue.create('batch');
    assert.deepEqual(await pgmq.msg.sendBatch('batch', [{ a: 1 }, 'two', null, 4]), [1, 2, 3, 4]);
    assert.deepEqual(await pgmq.msg.sendBatch('batch', ['late'], 3600), [5]);
    const read = await pgmq.msg.readBatch('batch', 60, 10);
    assert.deepEqual(read.map((m) => [m.msgId, m.message]), [[1, { a: 1 }], [2, 'two'], [3, null], [4, 4]]);
    assert.deepEqual(await pgmq.msg.archiveBatch('batch', [1, 2, 99]), [1, 2]);
    assert.deepEqual(await pgmq.msg.deleteBatch('batch', [2, 3]), [3]);
    assert.deepEqual(await pgmq.msg.readBatch('batch', 60, 10), []);
});

test('measures and purges', async () => {
    const metrics = await pgmq.queue.getMetrics('batch');
    assert.deepEqual([metrics.queueName, metrics.queueLength, metrics.totalMessages], ['batch', 2, 5]);
    assert.ok(metrics.newestMsgAgeSec >= 0 && metrics.scrapeTime instanceof Date);
    assert.deepEqual((await pgmq.queue.getAllMetrics()).map((m) => m.queueName), ['batch', 'single']);
    await pgmq.queue.purge('batch');
    assert.equal((await pgmq.queue.getMetrics('batch')).queueLength, 0);
});

test('says what is wrong as PostgreSQL does', async () => {
    await assert.rejects(pgmq.msg.send('nowhere', 1), { code: '42P01', hint: /pgmq\.create/ });
    await assert.rejects(pgmq.queue.create("a'b"), { code: '42602' });
});

test('resolves set_vt for parameters of any type', async () => {
    await pgmq.msg.sendBatch('batch', [1, 2]);
    const rows = async (text, values) => (await client.query(text, values)).rows;
    const all = await rows('select msg_id from pgmq.set_vt($1, $2, $3)',
        ['batch', [6, 7], new Date('2099-01-01')]);
    assert.deepEqual(all, [{ msg_id: '6' }, { msg_id: '7' }]);
    const casts = ['$2, $3', '$2::bigint, $3', '$2, $3::integer', '$2::bigint, $3::integer', '$2, $3::text'];
    for (const cast of casts) {
        const moved = await rows(`select msg_id from pgmq.set_vt($1, ${cast})`, ['batch', 6, 5]);
        assert.deepEqual(moved, [{ msg_id: '6' }], cast);
    }
});

test('names columns after functions and fields', async () => {
    const sent = await client.query("select * from pgmq.send('batch', $1::jsonb, $2::jsonb)", ['{}', '{"h": 1}']);
    assert.deepEqual(sent.rows, [{ send: '8' }]);
    const { fields } = await client.query("select * from pgmq.read('batch', 0, 1)");
    assert.deepEqual(fields.map((f) => f.name),
        ['msg_id', 'read_ct', 'enqueued_at', 'last_read_at', 'vt', 'message', 'headers']);
});
