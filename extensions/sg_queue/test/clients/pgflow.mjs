// pgflow on sg_queue: its migrations as they are published, and flows through its own client: a failure
// and its retry, an output that goes from step to step, a step over a list, a task that fails for good.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const root = process.env.QUEUE_CLIENTS;
const core = `${root}/node_modules/@pgflow/core/dist`;
const postgres = createRequire(`${root}/`)('postgres');
const { PgflowSqlClient } = await import(pathToFileURL(`${core}/index.js`));

const worker = '00000000-0000-4000-8000-000000000001';
let sql, flows;

// What pgflow expects of its platform besides queues: a place for what it broadcasts.
const platform = `
    create extension pgmq cascade;
    create schema realtime;
    create table realtime.messages (payload jsonb, event text, topic text, private boolean);
    create function realtime.send(payload jsonb, event text, topic text, private boolean default true)
        returns void language sql as 'insert into realtime.messages values ($1, $2, $3, $4)';
`;

before(async () => {
    const { PGHOST: host, PGUSER: user, PGDATABASE: database } = process.env;
    sql = postgres({ host, user, database, onnotice: () => {} });
    await sql.unsafe(platform);
    const folder = `${core}/supabase/migrations`;
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.sql')).sort()) {
        await sql.unsafe(readFileSync(`${folder}/${file}`, 'utf8'));
    }
    await sql`
        insert into pgflow.workers (worker_id, queue_name, function_name) values (${worker}, 'report', 'test')`;
    flows = new PgflowSqlClient(sql);
});
after(() => sql?.end());

async function startAll(flow) {
    const messages = await flows.readMessages(flow, 30, 10, 5, 20);
    return flows.startTasks(flow, messages.map((m) => m.msg_id), worker);
}

async function runStatus(run) {
    const [{ status, output }] = await sql`select status, output from pgflow.runs where run_id = ${run.run_id}`;
    return { status, output };
}

test('carries an output from step to step and retries what failed', async () => {
    await sql`select pgflow.create_flow('report', max_attempts => 2, base_delay => 1, timeout => 30)`;
    await sql`select pgflow.add_step('report', 'fetch')`;
    await sql`select pgflow.add_step('report', 'write', array['fetch'])`;
    const run = await flows.startFlow('report', { url: 'x' });

    const [first] = await startAll('report');
    assert.deepEqual([first.step_slug, first.input.run], ['fetch', { url: 'x' }]);
    await flows.failTask(first, new Error('try again'));
    const early = await flows.readMessages('report', 30, 10, 0, 20);
    assert.equal(early.length, 0, 'a failed task waits for its retry');

    const [again] = await startAll('report');
    assert.equal(again.msg_id, first.msg_id);
    const [{ attempts_count }] = await sql`
        select attempts_count from pgflow.step_tasks where message_id = ${first.msg_id} and flow_slug = 'report'`;
    assert.equal(attempts_count, 2);
    await flows.completeTask(again, { body: 'text' });

    const [write] = await startAll('report');
    assert.deepEqual([write.step_slug, write.input.fetch], ['write', { body: 'text' }]);
    await flows.completeTask(write, 'written');
    assert.deepEqual(await runStatus(run), { status: 'completed', output: { write: 'written' } });

    const archived = await sql`select msg_id, read_ct from pgmq.a_report order by msg_id`;
    assert.deepEqual(archived.map((m) => m.read_ct), [2, 1], 'the archive keeps read counts');
    assert.equal((await sql`select * from pgmq.q_report`).length, 0);
});

test('makes a message for each element of a list', async () => {
    await sql`select pgflow.create_flow('mapped', max_attempts => 1, base_delay => 1, timeout => 30)`;
    await sql`select pgflow.add_step('mapped', 'each', step_type => 'map')`;
    const run = await flows.startFlow('mapped', ['a', 'b', 'c']);
    const tasks = await startAll('mapped');
    assert.deepEqual(tasks.map((t) => [t.task_index, t.input]).sort(), [[0, 'a'], [1, 'b'], [2, 'c']]);
    for (const task of tasks) await flows.completeTask(task, task.input.toUpperCase());
    assert.deepEqual(await runStatus(run), { status: 'completed', output: { each: ['A', 'B', 'C'] } });
});

test('ends a run whose task failed for good', async () => {
    await sql`select pgflow.create_flow('doomed', max_attempts => 1, base_delay => 1, timeout => 30)`;
    await sql`select pgflow.add_step('doomed', 'only')`;
    const run = await flows.startFlow('doomed', {});
    const [task] = await startAll('doomed');
    await flows.failTask(task, 'no');
    assert.equal((await runStatus(run)).status, 'failed');
    assert.equal((await sql`select * from pgmq.a_doomed`).length, 1);
    const events = await sql`
        select distinct event from realtime.messages where topic = ${'pgflow:run:' + run.run_id}`;
    assert.ok(events.some(({ event }) => event === 'run:failed'));
});
