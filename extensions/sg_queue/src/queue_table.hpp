// What this session knows of a queue's tables, found by the queue's name and forgotten when they change.
//
// A queue is served directly, past the executor, where its table is much as `create` made it: a heap with the
// seven columns and indexes on plain columns, without row security, rules, checks, or triggers but ours.
// Anything else is served by SQL (fallback.hpp), which does whatever the table's owner wanted.
#pragma once

#include "extensions/sg_queue/src/options.hpp"
#include "extensions/sg_queue/src/shared_queue.hpp"

namespace singularity::queue {

constexpr int kColumns = 7;

// In the order of pgmq.message_record.
enum class Column { msg_id, read_ct, enqueued_at, last_read_at, vt, message, headers };

enum class Notifies { nobody, throttled, always };  // of each send

struct TableShape {
    Oid table = InvalidOid;
    Oid primary_key = InvalidOid;
    Oid sequence = InvalidOid;                   // of msg_id; none in an archive
    AttrNumber columns[kColumns] = {};           // by Column
    AttrNumber archived_at = InvalidAttrNumber;  // of an archive
    Notifies notifies = Notifies::nobody;
    bool direct = false;

    AttrNumber operator[](Column column) const { return columns[static_cast<int>(column)]; }
};

// The shape of an open table, direct or not; reports errors by a jump.
TableShape shape_of(Relation relation);
// The same, remembered until the table changes.
TableShape known_shape(Relation relation);

struct Queue {
    std::string folded_name;                 // as it was asked for: its own, or an alias
    std::string waiting_name, archive_name;  // unquoted, in schema pgmq
    TableShape waiting, archive;
    Options options;
    SharedQueue* shared = nullptr;
    bool stale = true;
};

// The rights on a queue's table that SQL would need: on all of it, and on some columns.
struct Rights {
    AclMode whole;
    AclMode some = ACL_NO_RIGHTS;
    std::span<const Column> columns = {};
};

// An open queue: its table is locked until the transaction ends, in the mode that SQL would take.
class OpenQueue {
public:
    // Throws 42P01 where there is no such queue, 42602
    // where there can't be.
    OpenQueue(std::string_view name, const Rights& rights, LOCKMODE lock = RowExclusiveLock);
    OpenQueue(const OpenQueue&) = delete;
    ~OpenQueue() { RelationClose(relation_); }

    // Whether this user may use the table past the executor. Where not, SQL does it or says why not.
    bool direct() const { return direct_; }
    const Queue& queue() const { return *queue_; }
    SharedQueue& shared() const { return *queue_->shared; }
    Relation relation() const { return relation_; }

private:
    const Queue* queue_;
    Relation relation_;
    bool direct_;
};

}  // namespace singularity::queue
