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
    static Directory& shared = pg::shared_segment<Directory>("sg_queue/1");
    return shared;
}

std::uint32_t bucket_of(Oid database, Oid table) {
    return (table * 0x9e3779b9U ^ database * 0x85ebca6bU) % kBuckets;
}

dsa_pointer allocate_zeroed(std::size_t size) {
    return pg::call(dsa_allocate_extended, shared_area(), size, DSA_ALLOC_HUGE | DSA_ALLOC_ZERO);
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
    queue.mark_counts = {};
    queue.arrays = queue.mark_arrays = InvalidDsaPointer;
}

namespace {

// Somebody may still have its address: only what it describes is given up.
void give_up(SharedQueue& queue) {
    const pg::LockGuard guard(queue.lock);
    empty(queue, nullptr);
    if (DsaPointerIsValid(queue.arrays)) dsa_free(shared_area(), queue.arrays);
    if (DsaPointerIsValid(queue.mark_arrays)) dsa_free(shared_area(), queue.mark_arrays);
    forget_arrays(queue);
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
    IndexArrays slots;
    if (queue.counts.capacity > 0)
        slots = IndexArrays::in(shared_memory(queue.arrays), queue.counts.capacity);
    MarkArrays marks;
    if (queue.mark_counts.capacity > 0) {
        marks = MarkArrays::in(shared_memory(queue.mark_arrays), queue.mark_counts.capacity);
    }
    return {{queue.counts, slots}, {queue.mark_counts, marks}, static_cast<std::uint32_t>(index_bound)};
}

void LockedIndex::grow() {
    const std::uint32_t capacity = std::max(kFirstCapacity, 2 * queue_.counts.capacity);
    const dsa_pointer larger = allocate_zeroed(IndexArrays::kBytesPerSlot * capacity);
    index_.slots.move_to(IndexArrays::in(shared_memory(larger), capacity));
    if (DsaPointerIsValid(queue_.arrays)) dsa_free(shared_area(), queue_.arrays);
    queue_.arrays = larger;
}

void LockedIndex::grow_marks(std::uint32_t block) {
    const std::uint32_t capacity =
        std::max({kFirstCapacity, 2 * queue_.mark_counts.capacity, block + block / 4 + 1});
    const dsa_pointer larger = allocate_zeroed(MarkArrays::kBytesPerBlock * capacity);
    index_.marks.move_to(MarkArrays::in(shared_memory(larger), capacity));
    if (DsaPointerIsValid(queue_.mark_arrays)) dsa_free(shared_area(), queue_.mark_arrays);
    queue_.mark_arrays = larger;
}

void LockedIndex::prepare_mark(Place place) {
    if (2 * index_.slots.used() >= index_.bound && !index_.marks.covers(place.block)) grow_marks(place.block);
}

Ticket LockedIndex::add_slot(MessageId id, std::int8_t priority, SlotState state) {
    if (index_.slots.full()) grow();
    return index_.slots.add(id, priority, state);
}

Ticket LockedIndex::add(MessageId id, std::int8_t priority, Place place) {
    prepare_mark(place);
    return index_.over_bound() ? Ticket{} : add_slot(id, priority, SlotState::fresh);
}

Ticket LockedIndex::hold(MessageId id, Place place) {
    prepare_mark(place);
    const std::uint32_t slot = index_.slots.find(id);
    if (slot != kNoSlot) return index_.slots.take(slot);
    index_.marks.forget_one(place.block);
    return index_.over_twice_bound() ? Ticket{} : add_slot(id, 0, SlotState::held);
}

void empty(SharedQueue& queue, QueueIndex* index) {
    if (index != nullptr) index->clear();
    queue.filled = false;
    ++queue.epoch;
}

void describe_table(SharedQueue& queue, RelFileNumber file, bool observed) {
    if (queue.file == file && queue.observed == observed) [[likely]]
        return;
    LockedIndex index(queue);
    if (queue.file != file || queue.observed != observed) empty(queue, &*index);
    queue.file = file;
    queue.observed = observed;
}

}  // namespace singularity::queue
