// Files into a workspace and out of it: process 1 of a box does both, inside. What it sends is bytes that the
// program may have forged: lengths are bounded here, and nothing is opened.
#include <unistd.h>

#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <cstring>

#include "core/awaitable_operators.hpp"
#include "core/format.hpp"
#include "sandbox/memory_file.hpp"
#include "sandbox/patience.hpp"
#include "sandbox/workspace_state.hpp"

namespace singularity::sandbox {

namespace asio = boost::asio;
using namespace core::awaitable_operators;

namespace {

constexpr auto kPatience = std::chrono::seconds(30);
constexpr const char* kTooSlow = "the box did not answer within 30 s";

constexpr const char* kProblems[] = {
    "", "missing", "no regular file", "has other links", "cannot be read", "no path within the workspace"};
static_assert(std::size(kProblems) == static_cast<std::size_t>(wire::Problem::kCount));

std::string put_payload(const std::vector<File>& files) {
    std::string payload;
    for (const File& file : files) {
        payload += bytes_of(wire::FileHeader{.path_bytes = static_cast<std::uint32_t>(file.path.size()),
                                             .executable = file.executable ? 1U : 0U,
                                             .content_bytes = file.content.size()});
        payload += file.path;
        payload += file.content;
    }
    return payload;
}

asio::awaitable<Artifact> read_artifact(asio::posix::stream_descriptor& pipe, std::string path,
                                        std::int64_t most) {
    wire::ArtifactHeader header{};
    co_await asio::async_read(pipe, asio::buffer(&header, sizeof header), asio::use_awaitable);
    const bool sane = header.problem < std::size(kProblems) && header.content_bytes >= 0 &&
                      header.content_bytes <= most && header.bytes >= header.content_bytes;
    if (!sane) throw SandboxError("the box gives out nonsense");
    Artifact artifact{
        .path = std::move(path), .bytes = header.bytes, .content = {}, .problem = kProblems[header.problem]};
    artifact.content.resize(static_cast<std::size_t>(header.content_bytes));
    co_await asio::async_read(pipe, asio::buffer(artifact.content), asio::use_awaitable);
    if (artifact.problem.empty() && header.bytes > header.content_bytes) artifact.problem = "too large";
    co_return artifact;
}

}  // namespace

asio::awaitable<void> WorkspaceState::need_box() {
    if (!box) co_await ask({.ask = wire::Ask::box});
    if (!box) throw SandboxError("there is no box");
}

asio::awaitable<wire::Report> WorkspaceState::order(wire::Command command, std::string payload,
                                                    std::vector<int> descriptors) {
    const core::Descriptor file = memory_file(payload);
    command.payload_bytes = payload.size();
    descriptors.insert(descriptors.begin(), file.get());
    // A conversation that is broken off, however that happens, is not taken up again.
    Channel conversation = std::move(*box);
    box.reset();
    co_await conversation.send(bytes_of(command), std::move(descriptors));
    const auto packet = co_await conversation.receive();
    wire::Report report{};
    if (!packet || packet->bytes.size() != sizeof report) throw SandboxError("the box ended by itself");
    std::memcpy(&report, packet->bytes.data(), sizeof report);
    if (report.order != command.order) throw SandboxError("the box answers something else");
    box = std::move(conversation);
    co_return report;
}

asio::awaitable<void> Workspace::put(std::vector<File> files) {
    if (files.size() > wire::kMaxFiles) {
        throw SandboxError(core::format("{} files are too many: at most {}", files.size(), wire::kMaxFiles));
    }
    co_await state_->need_box();
    const wire::Command command{.order = wire::Order::put, .count = static_cast<std::uint32_t>(files.size())};
    const auto report = co_await within(kPatience, kTooSlow, state_->order(command, put_payload(files), {}));
    if (report.error == 0) co_return;
    const std::string path = report.index < files.size() ? files[report.index].path : "";
    throw SandboxError(core::format(
        "cannot lay down '{}': {}", path,
        report.error == EINVAL ? "no path within the workspace" : ::strerrordesc_np(report.error)));
}

asio::awaitable<std::vector<Artifact>> Workspace::take(std::vector<std::string> paths,
                                                       std::int64_t max_bytes) {
    co_await state_->need_box();
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw SandboxError("cannot make a pipe");
    asio::posix::stream_descriptor reading(state_->executor, ends[0]);
    core::Descriptor writing(ends[1]);
    std::string payload;
    // One with a NUL would be cut there, and is no path: nor is an empty one.
    for (const std::string& path : paths) payload.append(path.contains('\0') ? "" : path).push_back('\0');
    const wire::Command command{.order = wire::Order::take,
                                .count = static_cast<std::uint32_t>(paths.size()),
                                .max_bytes = max_bytes};
    const auto read_all = [&]() -> asio::awaitable<std::vector<Artifact>> {
        std::vector<Artifact> artifacts;
        artifacts.reserve(paths.size());
        for (const std::string& path : paths) {
            artifacts.push_back(co_await read_artifact(reading, path, max_bytes));
        }
        co_return artifacts;
    };
    std::exception_ptr broken;  // what the cancelled reading says then is of no interest
    const auto ordered = [&]() -> asio::awaitable<void> {
        try {
            co_await state_->order(command, payload, std::vector{writing.get()});
        } catch (const SandboxError&) {
            broken = std::current_exception();
            throw;
        }
    };
    const auto both = [&]() -> asio::awaitable<std::vector<Artifact>> {
        try {
            co_return co_await (read_all() && ordered());
        } catch (...) {
            if (broken) std::rethrow_exception(broken);
            throw;
        }
    };
    co_return co_await within(kPatience, kTooSlow, both());
}

}  // namespace singularity::sandbox
