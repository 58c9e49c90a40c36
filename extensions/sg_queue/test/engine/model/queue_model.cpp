#include "extensions/sg_queue/test/engine/model/queue_model.hpp"

#include <algorithm>

namespace singularity::queue::testing {

void ModelTransaction::release(std::size_t depth) {
    savepoints.resize(depth);
    if (truncated_at) truncated_at = std::min(*truncated_at, depth);
}

void ModelTransaction::rollback_to(std::size_t depth) {
    changes = savepoints[depth];
    savepoints.resize(depth + 1);
    if (truncated_at && *truncated_at > depth) truncated_at.reset();
}

void ModelTransaction::fail() {
    if (truncated_at && *truncated_at == savepoints.size()) truncated_at.reset();
    if (savepoints.empty()) changes.clear();
    else changes = savepoints.back();
}

Messages QueueModel::visible_to(const ModelTransaction& transaction) const {
    Messages visible = transaction.snapshot ? *transaction.snapshot : committed;
    for (const auto& [id, message] : transaction.changes) {
        if (message) visible[id] = *message;
        else visible.erase(id);
    }
    return visible;
}

bool QueueModel::is_stale(const ModelTransaction& transaction, Id id) const {
    if (!transaction.snapshot || transaction.changes.contains(id)) return false;
    const auto then = transaction.snapshot->find(id);
    const auto now = committed.find(id);
    if (then == transaction.snapshot->end()) return now != committed.end();
    return now == committed.end() || now->second.version != then->second.version;
}

QueueModel::Sees QueueModel::look(const ModelTransaction& transaction, Id id, Message& message) const {
    const Messages visible = visible_to(transaction);
    const auto found = visible.find(id);
    if (found == visible.end()) return Sees::nothing;
    if (is_stale(transaction, id)) return Sees::conflict;
    message = found->second;
    return Sees::message;
}

void QueueModel::change(ModelTransaction& transaction, Id id, Span due, int read_ct) {
    transaction.changes[id] = Message{due, read_ct, ++versions_};
}

void QueueModel::commit(ModelTransaction& transaction) {
    for (const auto& [id, message] : transaction.changes) {
        if (message) committed[id] = *message;
        else committed.erase(id);
    }
    transaction = {};
}

}  // namespace singularity::queue::testing
