#include "cli/job_streams.hpp"

#include <algorithm>

#include "services/genesis/job_encoding.hpp"

namespace singularity::cli {

// Another attempt begins at the beginning: what it repeats is not written again.
void JobStreams::piece(bool is_error, std::int64_t at, std::string_view bytes) {
    write(is_error, at, bytes);
}

void JobStreams::write(bool is_error, std::int64_t at, std::string_view bytes) {
    std::string& written = stream(is_error).written;
    const auto begin = static_cast<std::size_t>(at);
    if (begin > written.size()) return;
    const std::size_t known = std::min(written.size() - begin, bytes.size());
    if (bytes.substr(0, known) != std::string_view(written).substr(begin, known)) differs_ = true;
    const std::string_view rest = bytes.substr(known);
    if (rest.empty()) return;
    written += rest;
    write_(is_error, rest);
}

void JobStreams::end(const messages::JobResult& result) {
    write(false, 0, bytes_of(result.stdout, result.stdout_encoding));
    write(true, 0, bytes_of(result.stderr, result.stderr_encoding));
}

std::string bytes_of(const std::optional<std::string>& text, const std::optional<std::string>& encoding) {
    if (!text) return {};
    if (encoding != "base64") return *text;
    return services::genesis::from_base64(*text).value_or("");
}

}  // namespace singularity::cli
