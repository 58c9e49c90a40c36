-- Nothing but a name: clients that run "create extension pgmq cascade" get sg_queue, which provides
-- schema pgmq. The version tells which pgmq release the interface follows.
\echo Use "create extension pgmq cascade" to load this file. \quit
