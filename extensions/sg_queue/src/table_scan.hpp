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
    enum class By { place, id };  // by id it reads as many pages as rows, at worst
    explicit TableScan(const OpenQueue& queue, By by = By::place);
    TableScan(const TableScan&) = delete;
    ~TableScan();

    // The next ones, some hundred at a time; none: the end.
    std::span<const Found> next();

private:
    bool next_row();

    const OpenQueue& queue_;
    pg::ErrorMark mark_;
    Snapshot snapshot_;
    TableScanDesc scan_ = nullptr;
    Relation index_ = nullptr;
    IndexScanDesc index_scan_ = nullptr;
    TupleTableSlot* row_;
    bool ended_ = false;
    std::array<Found, 512> found_;
};

}  // namespace singularity::queue
