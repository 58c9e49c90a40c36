// A job's output as server-sent events: each piece once, live as far as it is shown, the rest from the
// answer. docs/genesis.md tells of the events.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "services/nexus/job_store.hpp"

namespace singularity::services::nexus {

// How far a client is: what it gives back as Last-Event-ID.
struct JobPlace {
    std::int64_t number = 0;              // of the last piece
    std::int32_t attempt = 1;             // whose output it has
    std::array<std::int64_t, 2> bytes{};  // of its standard output, its standard error

    std::string text() const;
    // The beginning, where that is no place.
    static JobPlace parse(std::string_view text);
};

class JobEvents {
public:
    explicit JobEvents(JobPlace place) : place_(place) {}

    // As events; empty where there is nothing new in it. What lies behind a gap is left for the end.
    std::string piece(const JobPiece& piece);
    // What a stream of the answer has beyond that: the next part of it, which may be the last one.
    std::string rest(bool is_error, std::string_view bytes, bool is_last);

    const JobPlace& place() const { return place_; }
    std::int64_t bytes_of(bool is_error) const { return place_.bytes[is_error ? 1 : 0]; }

private:
    std::string output(bool is_error, std::string_view bytes, bool is_all);

    JobPlace place_;
};

}  // namespace singularity::services::nexus
