// A queue's rows in the order of its table, as a snapshot sees them.
#pragma once

#include "extensions/sg_queue/src/rows.hpp"

namespace singularity::queue {

struct Found {
    MessageId id;
    Version version;
    Standing standing;
};

class TableScan {
public:
    explicit TableScan(const OpenQueue& queue);
    TableScan(const TableScan&) = delete;
    ~TableScan();

    // The next ones, some hundred at a time; none: the end.
    std::span<const Found> next();

private:
    const OpenQueue& queue_;
    pg::ErrorMark mark_;
    Snapshot snapshot_;
    TableScanDesc scan_;
    std::array<Found, 512> found_;
};

}  // namespace singularity::queue
