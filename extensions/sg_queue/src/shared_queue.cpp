#include "extensions/sg_queue/src/shared_queue.hpp"

namespace singularity::queue {

int index_bound = kIndexBound;

namespace {

constexpr std::uint32_t kBuckets = 1024, kFirstCapacity = 256, kFirstSweep = 64;

struct Directory {
    explicit Directory(pg::LockTranche tranche) noexcept
        : queue_tranche(tranche), lock(tranche), heap(tranche) {}

    pg::LockTranche queue_tranche;
    pg::SharedLock lock;
    pg::SharedHeap heap;
    dsa_pointer buckets[kBuckets] = {};
    dsa_pointer unused = InvalidDsaPointer;
    std::uint32_t queues = 0, sweep_at = kFirstSweep;  // in the buckets
};

Directory& directory() {
    static Directory& shared = [] -> Directory& {
        constexpr const char* kLayout = "sg_queue/4";
        pg::insist_on_segment("sg_queue", kLayout);  // another index would hear nothing of what this one does
        return pg::shared_segment<Directory>(kLayout);
    }();
    return shared;
}

std::uint32_t bucket_of(Oid database, Oid table) {
    return (table * 0x9e3779b9U ^ database * 0x85ebca6bU) % kBuckets;
}

dsa_pointer allocate_zeroed(std::size_t size) {
    return pg::call(dsa_allocate_extended, shared_area(), size, DSA_ALLOC_HUGE | DSA_ALLOC_ZERO);
}

void replace(dsa_pointer& array, dsa_pointer by) {
    if (DsaPointerIsValid(array)) dsa_free(shared_area(), array);
    array = by;
}

SharedQueue& queue_at(dsa_pointer address) {
    return *static_cast<SharedQueue*>(shared_memory(address));
}

bool was_dropped(const SharedQueue& queue) {
    return pg::call([&queue] {
        if (queue.database == MyDatabaseId)
            return !SearchSysCacheExists1(RELOID, ObjectIdGetDatum(queue.table));
        return !SearchSysCacheExists1(DATABASEOID, ObjectIdGetDatum(queue.database));
    });
}

}  // namespace

void forget_arrays(SharedQueue& queue) {
    const std::uint32_t last_ticket = queue.counts.last_ticket;
    queue.counts = {};
    queue.counts.last_ticket = last_ticket;
    const std::uint32_t cleared = queue.mark_counts.cleared + 1;
    queue.mark_counts = {};
    queue.mark_counts.cleared = cleared;
    queue.group_counts = {};
    queue.grouped = queue.rules.line();
    queue.arrays = queue.group_arrays = queue.mark_arrays = InvalidDsaPointer;
}

void set_rules(SharedQueue& queue, const ClaimRules& rules) {
    replace(queue.arrays, InvalidDsaPointer);
    replace(queue.group_arrays, InvalidDsaPointer);
    replace(queue.mark_arrays, InvalidDsaPointer);
    queue.rules = rules;
    forget_arrays(queue);
    empty(queue, nullptr);  // last: under the new epoch whoever looks at headers keeps to the new rules
}

void follow_rules(SharedQueue& queue, const ClaimRules& rules) {
    if (rules.keep_index_of(queue.rules)) queue.rules = rules;
    else set_rules(queue, rules);
}

namespace {

// Somebody may still have its address: only what it describes is given up.
void give_up(SharedQueue& queue) {
    const pg::LockGuard guard(queue.lock);
    set_rules(queue, {});
    queue.file = InvalidRelFileNumber;
}

// Takes the queues of dropped tables out of the directory; a table that nobody sees yet is found again later.
void sweep(Directory& all) {
    for (dsa_pointer& bucket : all.buckets) {
        for (dsa_pointer* link = &bucket; DsaPointerIsValid(*link);) {
            const dsa_pointer address = *link;
            SharedQueue& queue = queue_at(address);
            if (DsaPointerIsValid(queue.first_waiter) || !was_dropped(queue)) {
                link = &queue.next;
                continue;
            }
            give_up(queue);
            *link = queue.next;
            queue.next = all.unused;
            all.unused = address;
            --all.queues;
        }
    }
    all.sweep_at = std::max(kFirstSweep, 2 * all.queues);
}

dsa_pointer unused_queue(Directory& all) {
    if (const dsa_pointer address = all.unused; DsaPointerIsValid(address)) {
        all.unused = queue_at(address).next;
        return address;
    }
    const dsa_pointer address = allocate_zeroed(sizeof(SharedQueue));
    new (&queue_at(address).lock) pg::SharedLock(all.queue_tranche);
    return address;
}

}  // namespace

dsa_area* shared_area() {
    static dsa_area* const area = directory().heap.attach();
    return area;
}

void* shared_memory(dsa_pointer address) {
    return dsa_get_address(shared_area(), address);
}

SharedQueue& shared_queue(Oid table) {
    shared_area();
    Directory& all = directory();
    dsa_pointer& bucket = all.buckets[bucket_of(MyDatabaseId, table)];
    const pg::LockGuard guard(all.lock);
    for (dsa_pointer next = bucket; DsaPointerIsValid(next); next = queue_at(next).next) {
        SharedQueue& queue = queue_at(next);
        if (queue.database == MyDatabaseId && queue.table == table) return queue;
    }
    if (all.queues >= all.sweep_at) sweep(all);
    const dsa_pointer address = unused_queue(all);
    SharedQueue& queue = queue_at(address);
    queue.database = MyDatabaseId;
    queue.table = table;
    queue.next = bucket;
    bucket = address;
    ++all.queues;
    return queue;
}

QueueIndex LockedIndex::map(SharedQueue& queue) {
    const std::uint32_t capacity = queue.counts.capacity;
    IndexArrays slots;
    GroupArrays groups;
    MarkArrays marks;
    if (capacity > 0) slots = IndexArrays::in(shared_memory(queue.arrays), capacity, queue.rules.in_memory);
    if (capacity > 0 && queue.grouped) groups = GroupArrays::in(shared_memory(queue.group_arrays), capacity);
    if (queue.mark_counts.capacity > 0) {
        marks = MarkArrays::in(shared_memory(queue.mark_arrays), queue.mark_counts.capacity);
    }
    return {.slots = {queue.counts, slots, {queue.group_counts, groups, slots.slots, queue.rules}},
            .marks = {queue.mark_counts, marks},
            .bound = static_cast<std::uint32_t>(index_bound),
            .whole = queue.grouped || queue.rules.in_memory,
            .paused = queue.rules.paused};
}

void LockedIndex::grow() {
    const std::uint32_t capacity = std::max(kFirstCapacity, 2 * queue_.counts.capacity);
    const bool leases = queue_.rules.in_memory;
    const dsa_pointer larger = allocate_zeroed(IndexArrays::bytes_per_slot(leases) * capacity);
    dsa_pointer larger_groups = InvalidDsaPointer;
    GroupArrays groups;
    if (queue_.grouped) {
        larger_groups = allocate_zeroed(GroupArrays::kBytesPerSlot * capacity);
        groups = GroupArrays::in(shared_memory(larger_groups), capacity);
    }
    index_.slots.move_to(IndexArrays::in(shared_memory(larger), capacity, leases), groups);
    replace(queue_.arrays, larger);
    replace(queue_.group_arrays, larger_groups);
}

void LockedIndex::begin_groups() {
    if (queue_.grouped) return;
    dsa_pointer groups = InvalidDsaPointer;
    if (queue_.counts.capacity > 0)
        groups = allocate_zeroed(GroupArrays::kBytesPerSlot * queue_.counts.capacity);
    replace(queue_.group_arrays, groups);
    queue_.grouped = true;
    empty(queue_, &index_);
}

bool LockedIndex::follow(const ClaimRules& rules, std::uint32_t rule_changes) {
    if (queue_.rule_changes != rule_changes) return false;
    follow_rules(queue_, rules);
    return true;
}

void LockedIndex::grow_marks(std::uint32_t block) {
    const std::uint32_t capacity =
        std::max({kFirstCapacity, 2 * queue_.mark_counts.capacity, block + block / 4 + 1});
    const dsa_pointer larger = allocate_zeroed(MarkArrays::kBytesPerBlock * capacity);
    index_.marks.move_to(MarkArrays::in(shared_memory(larger), capacity));
    replace(queue_.mark_arrays, larger);
}

void LockedIndex::prepare_mark(Place place) {
    if (2 * index_.slots.used() >= index_.bound && !index_.marks.covers(place.block)) grow_marks(place.block);
}

Ticket LockedIndex::add_slot(MessageId id, Standing standing, SlotState state) {
    if (index_.slots.full()) grow();
    const Ticket ticket = index_.slots.add(id, standing.priority, state, MyProcNumber);
    index_.slots.groups().join(ticket.slot, standing.group);
    return ticket;
}

Ticket LockedIndex::add(MessageId id, Standing standing, Place place) {
    prepare_mark(place);
    return index_.over_bound() ? Ticket{} : add_slot(id, standing, SlotState::fresh);
}

Ticket LockedIndex::add_sent(MessageId id, Standing standing, Place place) {
    prepare_mark(place);
    return index_.over_twice_bound() ? Ticket{} : add_slot(id, standing, SlotState::fresh);
}

Ticket LockedIndex::hold(MessageId id, Standing standing, Version& version) {
    prepare_mark(version.place);
    const std::uint32_t slot = index_.slots.find(id);
    if (slot != kNoSlot) {
        const Version known = index_.slots.version(slot);
        if (known.lease && known.place == version.place) version = known;
        return index_.slots.hold(slot, MyProcNumber);
    }
    index_.marks.forget_one(version.place.block);
    return index_.over_twice_bound() ? Ticket{} : add_slot(id, standing, SlotState::held);
}

void empty(SharedQueue& queue, QueueIndex* index) {
    if (index != nullptr) index->clear();
    queue.filled = false;
    ++queue.epoch;
}

void describe_table(SharedQueue& queue, Relation table, bool observed) {
    const RelFileNumber file = table->rd_locator.relNumber;
    if (queue.file == file && queue.observed == observed) [[likely]]
        return;
    if (RecoveryInProgress()) return;
    const bool no_rows = pg::call([table] { return RelationGetNumberOfBlocks(table) == 0; });
    LockedIndex index(queue);
    if (queue.file == file && queue.observed == observed) return;
    empty(queue, &*index);
    queue.filled = no_rows && observed;
    queue.file = file;
    queue.observed = observed;
}

}  // namespace singularity::queue
