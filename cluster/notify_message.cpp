#include "cluster/notify_message.hpp"

#include <algorithm>
#include <ranges>

namespace singularity::cluster {

namespace {

std::string printable(std::string_view text) {
    std::string result(text);
    std::ranges::replace_if(
        result, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
    return result;
}

void take(NotifyMessage& message, std::string_view name, std::string_view value) {
    if (name == "READY") message.ready = value == "1";
    if (name == "STATUS") message.status = printable(value);
    if (name == "X_SINGULARITY_STATE") message.healthy = value == "healthy";
    if (name == "X_SINGULARITY_HTTP") message.http = printable(value);
}

}  // namespace

NotifyMessage parse_notify(std::string_view datagram) {
    NotifyMessage message;
    for (const auto part : std::views::split(datagram, '\n')) {
        const std::string_view line(part.begin(), part.end());
        const auto equals = line.find('=');
        if (equals != std::string_view::npos) take(message, line.substr(0, equals), line.substr(equals + 1));
    }
    return message;
}

}  // namespace singularity::cluster
