#include "cluster/server_watch.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "cluster/postmaster.hpp"

namespace singularity::cluster {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto kWhileStarting = 10ms, kWhileReady = 500ms, kWhileUnwell = 100ms, kOtherwise = 50ms;

bool says_ready(const Part& server, const std::filesystem::path& data) {
    const auto file = read_pid_file(data);
    return file && server.is_process(file->pid) && file->status == "ready";
}

asio::awaitable<std::chrono::milliseconds> look_at_starting(Part& server, const std::filesystem::path& data,
                                                            const Probe& probe) {
    if (!says_ready(server, data)) co_return kWhileStarting;
    const int life = server.life();
    const auto answer = co_await probe();
    if (answer && server.life() == life) server.ready();
    co_return kWhileStarting;
}

asio::awaitable<std::chrono::milliseconds> look_at_ready(Part& server, const Probe& probe) {
    const int life = server.life();
    const auto answer = co_await probe();
    if (server.life() != life || server.state() != ChildState::ready) co_return kOtherwise;
    if (!answer) {
        server.set_condition(Part::Condition::recovering, answer.error().message);
        co_return kWhileUnwell;
    }
    if (server.status().state != "healthy") server.set_condition(Part::Condition::well, "");
    co_return kWhileReady;
}

}  // namespace

asio::awaitable<void> watch_server(Part& server, std::filesystem::path data, Probe probe) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        std::chrono::milliseconds pause = kOtherwise;
        if (server.state() == ChildState::starting) pause = co_await look_at_starting(server, data, probe);
        if (server.state() == ChildState::ready) pause = co_await look_at_ready(server, probe);
        timer.expires_after(pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

}  // namespace singularity::cluster
