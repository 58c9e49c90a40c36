// Rows of pgmq.message_record as the result of a function.
#pragma once

#include "extensions/sg_queue/src/rows.hpp"

namespace singularity::queue {

// The tuplestore of a set-returning function. What it is given is copied.
class MessageRecords {
public:
    explicit MessageRecords(const pg::FunctionCall& fn);
    void add(const OpenQueue& queue, const Row& row);

private:
    ReturnSetInfo* result_;
};

}  // namespace singularity::queue
