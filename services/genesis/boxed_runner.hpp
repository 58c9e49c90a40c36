// The runner of the service: boxes, which the launcher makes to whom the supervisor has given this process a
// line.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>

#include "services/genesis/runner.hpp"

namespace singularity::services::genesis {

class BoxedRunner {
public:
    // The line is descriptor $SINGULARITY_SANDBOX_FD. Without it every job waits, and health says why.
    BoxedRunner(boost::asio::any_io_executor executor, bool allow_without_cgroups);
    ~BoxedRunner();

    // Refers to this.
    Runner runner();

private:
    struct Boxes;
    std::unique_ptr<Boxes> boxes_;
};

}  // namespace singularity::services::genesis
