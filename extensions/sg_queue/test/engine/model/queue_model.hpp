// A queue as it should behave, in plain maps: what is committed, and what each session's open transaction has
// changed. Sessions run one statement at a time, so every answer of the server can be foretold but for the
// moment at which its clock was read: times are spans.
//
// A message that a session's transaction has touched is locked: nobody else reads it, and who names it by id
// waits. A repeatable reader has the committed messages of its first statement, and fails (40001) where it
// would change one that has changed since.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace singularity::queue::testing {

using Id = std::int64_t;
using Micros = std::int64_t;

struct Span {
    Micros earliest, latest;
};

struct Message {
    Span due;
    int read_ct;
    std::uint64_t version;  // another one after each change
};

using Messages = std::map<Id, Message>;
using Changes = std::map<Id, std::optional<Message>>;  // none: deleted

// One session's open transaction.
class ModelTransaction {
public:
    Changes changes;
    std::vector<Changes> savepoints;          // the changes as they were
    std::optional<Messages> snapshot;         // of a repeatable reader
    std::optional<std::size_t> truncated_at;  // so many savepoints deep: the table is locked for the others

    void savepoint() { savepoints.push_back(changes); }
    void release(std::size_t depth);
    void rollback_to(std::size_t depth);
    // An error undoes what came after the last savepoint, before anybody says so.
    void fail();
};

class QueueModel {
public:
    enum class Sees { nothing, message, conflict };

    Messages committed;

    // The messages that a transaction may see, with its own changes.
    Messages visible_to(const ModelTransaction& transaction) const;
    // What a change of a message by its id meets, once nobody else has it locked.
    Sees look(const ModelTransaction& transaction, Id id, Message& message) const;
    // Whether a repeatable reader's snapshot is older than what is committed.
    bool is_stale(const ModelTransaction& transaction, Id id) const;

    void change(ModelTransaction& transaction, Id id, Span due, int read_ct);
    static void remove(ModelTransaction& transaction, Id id) { transaction.changes[id] = std::nullopt; }
    void commit(ModelTransaction& transaction);
    static void rollback(ModelTransaction& transaction) { transaction = {}; }

private:
    std::uint64_t versions_ = 0;
};

}  // namespace singularity::queue::testing
