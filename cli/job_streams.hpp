// A job's output as it comes: pieces of two streams, in order, none twice, whatever is missed or begun anew.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "messages/job_result.hpp"

namespace singularity::cli {

class JobStreams {
public:
    // Called with each new piece; `is_error` tells the stream.
    using Write = std::function<void(bool is_error, std::string_view bytes)>;
    explicit JobStreams(Write write) : write_(std::move(write)) {}

    // What was shown live. A piece behind a gap is left for the end.
    void piece(bool is_error, std::int64_t at, std::string_view bytes);

    // What of the whole has not been written yet.
    void end(const messages::JobResult& result);

    // Whether an attempt after the first one has written something else than what was passed on before.
    bool differs() const { return differs_; }

private:
    struct Stream {
        std::string written = {};
    };
    Stream& stream(bool is_error) { return is_error ? err_ : out_; }
    void write(bool is_error, std::int64_t at, std::string_view bytes);

    Write write_;
    Stream out_, err_;
    bool differs_ = false;
};

// The bytes of a stream of a result.
std::string bytes_of(const std::optional<std::string>& text, const std::optional<std::string>& encoding);

}  // namespace singularity::cli
