// What a Workspace consists of: its two conversations, with the launcher and with process 1 of the box that
// is up.
#pragma once

#include <optional>

#include "sandbox/box.hpp"
#include "sandbox/channel.hpp"
#include "sandbox/wire.hpp"

namespace singularity::sandbox {

struct WorkspaceState {
    boost::asio::any_io_executor executor;
    Channel control;
    std::optional<Channel> box;
    Tier tier = Tier::rlimits;

    // The answer to `ask`. Throws SandboxError with what the launcher says.
    boost::asio::awaitable<wire::Answer> answer_to(wire::Ask ask);
    boost::asio::awaitable<wire::Answer> ask(wire::Request request);

    // Some box that is up.
    boost::asio::awaitable<void> need_box();
    boost::asio::awaitable<wire::Report> order(wire::Command command, std::string payload,
                                               std::vector<int> descriptors);
};

}  // namespace singularity::sandbox
