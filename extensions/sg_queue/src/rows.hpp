// A queue's rows, read and written past the executor.
//
// Everything here reports errors as the server does, by a jump: it is called inside call(), and holds nothing
// that has a destructor. Rows keep the locks, the transaction ids and the WAL that SQL would give them.
#pragma once

#include "extensions/sg_queue/src/queue_table.hpp"

namespace singularity::queue {

// A version of a message's row, in memory of the current context.
struct Row {
    HeapTuple tuple = nullptr;
    Version version;

    explicit operator bool() const { return tuple != nullptr; }
};

Place place_of(const ItemPointerData& tid);
ItemPointerData tid_of(Place place);

Datum value_of(Relation relation, const TableShape& shape, HeapTuple tuple, Column column, bool& null);
MessageId id_of(Relation relation, const TableShape& shape, HeapTuple tuple);
Version version_of(Relation relation, const TableShape& shape, HeapTuple tuple);

// Where its headers put a message; the group only where the queue keeps groups. What can't be a priority is
// none.
Standing standing_of(Relation relation, const TableShape& shape, HeapTuple tuple, bool grouped);
// The same of a message that is sent, which is refused (22023) with a bad priority.
Standing standing_in(NullableDatum headers, bool grouped);

// The row of message `id` at a place, if the snapshot sees it there.
Row fetch_row(Relation relation, const TableShape& shape, Snapshot snapshot, MessageId id, Place place);
// The same by the primary key.
Row find_row(Relation relation, const TableShape& shape, Snapshot snapshot, MessageId id);

Version insert_row(Relation relation, const TableShape& shape, HeapTuple tuple);
// Many at once: `versions` tells where they went.
void insert_rows(Relation relation, const TableShape& shape, HeapTuple* tuples, int count, Version* versions);

enum class OnLock { wait, skip };
enum class Changed {
    yes,
    elsewhere,  // a later version has replaced it meanwhile
    gone,       // deleted meanwhile
    locked,     // by another transaction, which was not waited for
};

// A row as its claims in memory have made it, which is not in the table.
Row with_lease(Relation relation, const TableShape& shape, const Row& row, Version version);

// Replaces columns of a row; on success `row` is the new version.
Changed update_row(Relation relation, const TableShape& shape, Row& row, int count, const Column* columns,
                   const Datum* values, OnLock on_lock);
Changed delete_row(Relation relation, const Row& row, OnLock on_lock);
// What a change would meet, without one: `yes` where the row is free, or this transaction's.
Changed look_at_lock(Relation relation, const Row& row);

}  // namespace singularity::queue
