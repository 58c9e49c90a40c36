// The extension's own tables, read without asking for rights: what they say is no secret to who may use a
// queue.
#pragma once

#include <string>
#include <string_view>

#include "extensions/sg_queue/src/server.hpp"

namespace singularity::queue {

namespace pg = pgbackend;

// A table of schema queue, or an index; InvalidOid where the extension's script is older than this library.
Oid own_table(const char* name);

// A queue's name in lower case, as its tables have it.
std::string folded(std::string_view name);

// What is found below is so by the server's ways, which report errors by a jump: to be called inside of
// call().

// The row that a unique index finds for a queue's name in lower case, as it was committed last or this
// transaction has changed it. `table` is then open, to be closed by table_close(table, NoLock). Null where
// there is none.
HeapTuple find_own_row(const char* name, const char* index, std::string_view folded_name, Relation& table);

// At the commit every session looks anew at the queue that a row names in `column`. Returns its table, which
// may have been dropped before: InvalidOid.
Oid look_anew(Relation table, HeapTuple row, int column);

}  // namespace singularity::queue
