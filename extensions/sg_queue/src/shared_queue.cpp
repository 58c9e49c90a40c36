#include "extensions/sg_queue/src/shared_queue.hpp"

namespace singularity::queue {

namespace {

constexpr std::uint32_t kBuckets = 1024, kFirstCapacity = 256;

struct Directory {
    explicit Directory(pg::LockTranche tranche) noexcept
        : queue_tranche(tranche), lock(tranche), heap(tranche) {}

    pg::LockTranche queue_tranche;
    pg::SharedLock lock;
    pg::SharedHeap heap;
    dsa_pointer buckets[kBuckets] = {};
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
    dsa_pointer& bucket = directory().buckets[bucket_of(MyDatabaseId, table)];
    const pg::LockGuard guard(directory().lock);
    for (dsa_pointer next = bucket; DsaPointerIsValid(next);) {
        auto& queue = *static_cast<SharedQueue*>(shared_memory(next));
        if (queue.database == MyDatabaseId && queue.table == table) return queue;
        next = queue.next;
    }
    const dsa_pointer made = allocate_zeroed(sizeof(SharedQueue));
    auto& queue = *static_cast<SharedQueue*>(shared_memory(made));
    queue.database = MyDatabaseId;
    queue.table = table;
    queue.next = bucket;
    new (&queue.lock) pg::SharedLock(directory().queue_tranche);
    bucket = made;
    return queue;
}

ReadyIndex LockedIndex::map(SharedQueue& queue) {
    if (queue.counts.capacity == 0) return {queue.counts, {}};
    return {queue.counts, IndexArrays::in(shared_memory(queue.arrays), queue.counts.capacity)};
}

void LockedIndex::grow() {
    const std::uint32_t capacity = queue_.counts.capacity == 0 ? kFirstCapacity : 2 * queue_.counts.capacity;
    const dsa_pointer larger = allocate_zeroed(IndexArrays::kBytesPerSlot * capacity);
    index_.move_to(IndexArrays::in(shared_memory(larger), capacity));
    if (DsaPointerIsValid(queue_.arrays)) dsa_free(shared_area(), queue_.arrays);
    queue_.arrays = larger;
}

Ticket LockedIndex::add(MessageId id, std::int8_t priority, SlotState state) {
    if (index_.full()) grow();
    return index_.add(id, priority, state);
}

Ticket LockedIndex::hold(MessageId id) {
    const std::uint32_t slot = index_.find(id);
    return slot == kNoSlot ? add(id, 0, SlotState::held) : index_.take(slot);
}

void empty(SharedQueue& queue) {
    const std::uint32_t last_ticket = queue.counts.last_ticket;  // old tickets must not fit new slots
    queue.counts = {};
    queue.counts.last_ticket = last_ticket;
    queue.arrays = InvalidDsaPointer;
    queue.filled = false;
}

void describe_file(SharedQueue& queue, RelFileNumber file) {
    if (queue.file == file) [[likely]]
        return;
    const pg::LockGuard guard(queue.lock);
    if (queue.file == file) return;
    if (DsaPointerIsValid(queue.arrays)) dsa_free(shared_area(), queue.arrays);
    empty(queue);
    queue.file = file;
}

}  // namespace singularity::queue
