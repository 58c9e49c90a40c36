// What a job writes while it runs, shown in batches to who looks on: at most 100 ms or 64 KB late.
//
// It is for looking on alone, the answer has all of it: so nothing here holds a job up. What comes faster
// than the database takes it is left out, and what a job writes in its last moments may be. Not thread-safe:
// one executor.
#pragma once

#include "sandbox/box.hpp"
#include "services/genesis/job_store.hpp"
#include "services/runtime/wakeup.hpp"

namespace singularity::services::genesis {

class LiveOutput {
public:
    // `store` outlives it.
    LiveOutput(const boost::asio::any_io_executor& executor, JobStore& store, std::string request_id,
               std::int32_t attempt);

    void add(sandbox::Stream stream, std::string_view bytes);

    // Shows what was added, until cancelled.
    boost::asio::awaitable<void> run();

private:
    boost::asio::awaitable<void> show();

    boost::asio::any_io_executor executor_;
    JobStore& store_;
    std::string request_id_;
    std::int32_t attempt_;
    OutputPieces pieces_;
    std::size_t waiting_ = 0;                     // bytes in pieces_
    std::int64_t out_bytes_ = 0, err_bytes_ = 0;  // that the streams had so far
    Wakeup added_;
};

}  // namespace singularity::services::genesis
