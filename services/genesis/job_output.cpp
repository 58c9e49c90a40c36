#include "services/genesis/job_output.hpp"

namespace singularity::services::genesis {

using boost::asio::awaitable;

sandbox::Streams JobOutput::streams(std::string input, OutputSink sink) {
    const auto keep = [this, sink = std::move(sink)](sandbox::Stream stream,
                                                     std::string_view piece) -> awaitable<void> {
        (stream == sandbox::Stream::out ? out : err) += piece;
        if (sink) co_await sink(stream, piece);
    };
    return {.input = std::move(input), .output = keep};
}

sandbox::Streams CompilerOutput::streams() {
    const auto keep = [this](sandbox::Stream, std::string_view piece) -> awaitable<void> {
        text += piece;
        co_return;
    };
    return {.output = keep};
}

}  // namespace singularity::services::genesis
