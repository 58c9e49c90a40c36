#include "extensions/sg_queue/src/queue_table.hpp"

#include <map>
#include <unordered_map>

#include "extensions/sg_queue/src/aliases.hpp"
#include "pgbackend/format.hpp"
#include "pgbackend/spi.hpp"

namespace singularity::queue {

namespace {

constexpr std::string_view kWaitingPrefix = "q_", kArchivePrefix = "a_";

// Never emptied: queues are few and sessions long, and OpenQueue points into it.
std::map<std::string, Queue, std::less<>>& known_queues() {
    static std::map<std::string, Queue, std::less<>> queues;
    return queues;
}

std::unordered_map<Oid, TableShape>& known_shapes() {
    static std::unordered_map<Oid, TableShape> shapes;
    return shapes;
}

// The server's callback when a table has changed; InvalidOid: any may have.
void forget(Datum, Oid table) {
    for (auto& [name, queue] : known_queues()) {
        const bool concerns = queue.waiting.table == table || queue.archive.table == table;
        if (!OidIsValid(table) || concerns || !OidIsValid(queue.waiting.table)) queue.stale = true;
    }
    if (OidIsValid(table)) known_shapes().erase(table);
    else known_shapes().clear();
}

void hear_of_changes() {
    static const bool registered = [] {
        pg::call(CacheRegisterRelcacheCallback, forget, Datum{0});
        return true;
    }();
    static_cast<void>(registered);
}

void refuse_impossible(std::string_view name) {
    const bool allowed = name.find_first_of("$;'") == name.npos && name.find("--") == name.npos;
    if (allowed) return;
    throw pg::Failure(ERRCODE_INVALID_NAME, pg::format("queue name \"{}\" is not allowed", name), {},
                      "A queue name holds none of $ ; -- and the single quote.");
}

[[noreturn]] void throw_missing(std::string_view name) {
    static pg::Statement<std::string_view> fail{"select pgmq._fail_as_missing($1)"};
    pg::Spi().query(fail, name);
    std::unreachable();
}

Queue& known_queue(std::string_view name) {
    hear_of_changes();
    const auto found = known_queues().find(name);
    if (found != known_queues().end()) return found->second;
    refuse_impossible(name);
    Queue queue;
    queue.folded_name = folded(name);
    return known_queues().emplace(name, std::move(queue)).first->second;
}

// Null where there is none, or it was dropped this very moment.
Relation open_table(Oid schema, const char* name, LOCKMODE lock) {
    const Oid table = get_relname_relid(name, schema);
    return OidIsValid(table) ? try_relation_open(table, lock) : nullptr;
}

Relation open_waiting_as(Queue& queue, std::string_view folded_name, Oid schema, LOCKMODE lock) {
    queue.waiting_name = std::string(kWaitingPrefix).append(folded_name);
    queue.archive_name = std::string(kArchivePrefix).append(folded_name);
    return pg::call([&, name = queue.waiting_name.c_str()] { return open_table(schema, name, lock); });
}

// By its own name, else by an alias. Whoever changes that makes us look again.
Relation open_waiting_table(Queue& queue, Oid schema, LOCKMODE lock) {
    Relation own = open_waiting_as(queue, queue.folded_name, schema, lock);
    if (own != nullptr) return own;
    const auto named = find_alias(queue.folded_name);
    return named ? open_waiting_as(queue, *named, schema, lock) : nullptr;
}

std::uint32_t changes_of_rules(SharedQueue& shared) {
    const pg::LockGuard guard(shared.lock);
    return shared.rule_changes;
}

// Looks at the tables anew; the waiting one is left open.
Relation look_at(Queue& queue, LOCKMODE lock) {
    queue.stale = false;
    queue.waiting = {};
    queue.archive = {};
    queue.shared = nullptr;  // until all is known: an error may end this
    const Oid schema = pg::call(LookupExplicitNamespace, "pgmq", false);
    Relation waiting = open_waiting_table(queue, schema, lock);
    if (waiting == nullptr) return nullptr;
    queue.waiting = pg::call(shape_of, waiting);
    SharedQueue& shared = shared_queue(queue.waiting.table);
    const std::uint32_t rule_changes = changes_of_rules(shared);
    queue.options = read_options(std::string_view(queue.waiting_name).substr(kWaitingPrefix.size()));
    pg::call([&queue, schema, name = queue.archive_name.c_str()] {
        Relation archive = open_table(schema, name, AccessShareLock);
        if (archive == nullptr) return;
        queue.archive = shape_of(archive);
        relation_close(archive, AccessShareLock);
    });
    queue.shared = &shared;
    // Others may have been committed since they were read, and be in force already.
    if (!queue.options.uncommitted && !LockedIndex(shared).follow(queue.options.rules, rule_changes))
        queue.stale = true;
    pg::call(AcceptInvalidationMessages);
    return waiting;
}

// Opening may tell us that what we know is stale: then again.
Relation open_waiting(Queue& queue, LOCKMODE lock) {
    for (;;) {
        if (!queue.stale && queue.shared != nullptr) {
            Relation relation = pg::call(try_relation_open, queue.waiting.table, lock);
            if (relation != nullptr && !queue.stale) return relation;
            if (relation != nullptr) RelationClose(relation);
        }
        Relation relation = look_at(queue, lock);
        if (relation == nullptr || !queue.stale) return relation;
        RelationClose(relation);
    }
}

bool may(const TableShape& shape, const Rights& rights) {
    return pg::call([&shape, &rights] {
        const Oid user = GetUserId();
        if (pg_class_aclmask(shape.table, user, rights.whole, ACLMASK_ALL) != rights.whole) return false;
        if (pg_class_aclmask(shape.table, user, rights.some, ACLMASK_ALL) == rights.some) return true;
        return std::ranges::all_of(rights.columns, [&](Column column) {
            return pg_attribute_aclcheck(shape.table, shape[column], user, rights.some) == ACLCHECK_OK;
        });
    });
}

}  // namespace

TableShape known_shape(Relation relation) {
    hear_of_changes();
    const auto found = known_shapes().find(RelationGetRelid(relation));
    if (found != known_shapes().end()) return found->second;
    const TableShape shape = pg::call(shape_of, relation);
    known_shapes().emplace(shape.table, shape);
    return shape;
}

OpenQueue::OpenQueue(std::string_view name, const Rights& rights, LOCKMODE lock) {
    Queue& queue = known_queue(name);
    queue_ = &queue;
    relation_ = open_waiting(queue, lock);
    if (relation_ == nullptr) {
        queue.stale = true;
        throw_missing(name);
    }
    queue.stale = queue.options.uncommitted;  // to be followed from the commit on
    direct_ = queue.waiting.direct && may(queue.waiting, rights);
    describe_table(*queue.shared, relation_, queue.waiting.direct);
}

}  // namespace singularity::queue
