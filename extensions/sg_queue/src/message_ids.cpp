#include "extensions/sg_queue/src/message_ids.hpp"

#include "extensions/sg_queue/src/elements.hpp"

namespace singularity::queue {

std::vector<MessageId> ids_from(const pg::FunctionCall& fn) {
    std::vector<MessageId> ids;
    if (fn.is_null(1)) return ids;
    if (pg::call(get_fn_expr_argtype, fn.info()->flinfo, 1) == INT8OID) {
        ids.push_back(fn.arg<MessageId>(1));
    } else {
        const pg::Elements<MessageId> elements = all_elements<MessageId>(fn, 1);
        for (std::size_t i = 0; i < elements.size(); ++i) {
            if (elements[i]) ids.push_back(*elements[i]);
        }
    }
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    return ids;
}

}  // namespace singularity::queue
