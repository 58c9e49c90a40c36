#include "extensions/sg_queue/src/message_record.hpp"

namespace singularity::queue {

MessageRecords::MessageRecords(const pg::FunctionCall& fn)
    : result_(reinterpret_cast<ReturnSetInfo*>(fn.info()->resultinfo)) {
    pg::call(InitMaterializedSRF, fn.info(), bits32{MAT_SRF_USE_EXPECTED_DESC});
}

void MessageRecords::add(const OpenQueue& queue, const Row& row) {
    pg::call([this, &queue, tuple = row.tuple] {
        Datum values[kColumns];
        bool nulls[kColumns];
        for (int i = 0; i < kColumns; ++i) {
            values[i] =
                value_of(queue.relation(), queue.queue().waiting, tuple, static_cast<Column>(i), nulls[i]);
        }
        tuplestore_putvalues(result_->setResult, result_->setDesc, values, nulls);
    });
}

}  // namespace singularity::queue
