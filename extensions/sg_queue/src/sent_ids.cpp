// Ids are given once, also where a commit that does not wait for the disk is lost in a crash.
#include "extensions/sg_queue/src/sending.hpp"

namespace singularity::queue {

// The sequence's page tells the last step that was logged. Others may have made it, and not committed yet.
void keep_ids(const OpenQueue& queue) {
    if (synchronous_commit != SYNCHRONOUS_COMMIT_OFF) return;
    pg::call([id = queue.queue().waiting.sequence] {
        Relation sequence = relation_open(id, AccessShareLock);
        if (RelationNeedsWAL(sequence)) {
            Buffer page = ReadBuffer(sequence, 0);
            const XLogRecPtr step = BufferGetLSNAtomic(page);
            ReleaseBuffer(page);
            XLogFlush(step);
        }
        relation_close(sequence, NoLock);
    });
}

}  // namespace singularity::queue
