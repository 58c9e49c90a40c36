#include "extensions/sg_queue/src/notify.hpp"

#include "extensions/sg_queue/src/fallback.hpp"
#include "pgbackend/format.hpp"

namespace singularity::queue {

namespace {

// Whoever finds the interval over rings, by the rules of notify.sql.
bool may_ring(const OpenQueue& queue) {
    const Datum table = CStringGetTextDatum(queue.queue().waiting_name.c_str());
    const SqlArgument arguments[] = {{TEXTOID, table}};
    return run_sql(queue, "select where pgmq._may_ring($1)", arguments, nullptr) > 0;
}

}  // namespace

void notify_listeners(const OpenQueue& queue) {
    const Notifies notifies = queue.queue().waiting.notifies;
    if (notifies == Notifies::nobody || (notifies == Notifies::throttled && !may_ring(queue))) return;
    const std::string channel = pg::format("pgmq.{}.INSERT", queue.queue().waiting_name);
    pg::call(Async_Notify, channel.c_str(), "");
}

}  // namespace singularity::queue
