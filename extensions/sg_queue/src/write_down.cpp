// queue._write_down: claims that live in memory become rows, so that SQL sees them and their messages are
// this transaction's until its end. Nothing where claims are written anyway.
#include "extensions/sg_queue/src/claim.hpp"
#include "extensions/sg_queue/src/message_ids.hpp"
#include "extensions/sg_queue/src/reading.hpp"

namespace singularity::queue {

namespace {

void write_down(const OpenQueue& queue, MessageId id) {
    Row row;
    change_located(queue, id, row, [&queue](Row& located) {
        if (!located.version.lease) return Changed::gone;
        return update_row(queue.relation(), queue.queue().waiting, located, 0, nullptr, nullptr,
                          OnLock::wait);
    });
}

}  // namespace

SG_FUNCTION(sg_queue_write_down) {
    begin_call("write_down");
    const OpenQueue queue(fn.arg<std::string_view>(0), kReadRights);
    if (!queue.direct() || !queue.shared().rules.in_memory) return fn.nothing();
    for (const MessageId id : ids_from(fn)) {
        pg::check_interrupts();
        write_down(queue, id);
    }
    return fn.nothing();
}

}  // namespace singularity::queue
