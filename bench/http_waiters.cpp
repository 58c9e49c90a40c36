// What a client that waits for an answer over HTTP costs Nexus, and how long ten thousand answers take. The
// server is a process of its own, with the real endpoint on stand-ins for the two databases' functions; its
// resident memory is read before and while all wait. Neither process may have more files open than it needs.
//
//     test/with_cluster build/bin/http_waiters [CLIENTS]
#include <boost/asio.hpp>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <print>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/format.hpp"
#include "http/descriptors.hpp"
#include "http/server.hpp"
#include "pgclient/testing.hpp"
#include "services/nexus/requests.hpp"

namespace {

namespace asio = boost::asio;
namespace http = singularity::http;
namespace nexus = singularity::services::nexus;
namespace pgclient = singularity::pgclient;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr char kApi[] = R"(
    drop schema if exists api cascade; drop table if exists answers; drop table if exists requests, unsent;
    create table answers (request_id text primary key, queue text, agent_id text, answer jsonb,
        arrived_at timestamptz default now(), expires_at timestamptz default 'infinity', taken_at timestamptz);
    create table requests (request_id text primary key);
    create table unsent (request_id text primary key);
    create schema api;
    create function api.answers(request_ids text[]) returns setof answers language sql stable
        as 'select * from public.answers where request_id = any (request_ids)';
    create function api.known_requests(request_ids text[]) returns setof text language sql stable
        as 'select r.request_id from public.requests r where r.request_id = any (request_ids)';
    create function api.unsent_requests(request_ids text[]) returns setof text language sql stable
        as 'select u.request_id from public.unsent u where u.request_id = any (request_ids)';
    create function api.expired_requests(request_ids text[]) returns setof text language sql stable
        as 'select null::text where false';
    create function api.dead_requests(request_ids text[]) returns table (request_id text, queue_name text, reason text,
        attempts integer, died_at timestamptz) language sql stable
        as 'select null::text, null::text, null::text, 0, now() where false';
)";

// As curl and a browser's fetch() send them.
constexpr std::string_view kHeaders =
    "Host: 127.0.0.1:8600\r\nConnection: close\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    "Sec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\n";

void run_server(int address_to) {
    asio::io_context context(1);
    const pgclient::ConnectOptions connect{.dsn = pgclient::testing::server_dsn()};
    nexus::RequestStore store(context.get_executor(), {.connect = connect}, {.connect = connect},
                              {{.connect = connect}, {.connect = connect}}, {.connect = connect});
    nexus::RequestWaiters waiters(context.get_executor(), store, connect);
    http::Router router;
    nexus::add_requests(router, waiters, store, {.max_waiting = 100'000});
    router.add("GET", "/waiting", [&](const http::Request&) -> asio::awaitable<http::Response> {
        co_return http::Response::text(singularity::core::format("{}", waiters.size()));
    });
    auto server = http::Server::listen(context.get_executor(), {.address = "127.0.0.1:0"}, std::move(router));
    const std::string address = (*server)->address() + "\n";
    if (write(address_to, address.data(), address.size()) < 0) return;
    asio::co_spawn(context, (*server)->run(), asio::detached);
    asio::co_spawn(context, waiters.run(), asio::detached);
    context.run();
}

class ServerProcess {
public:
    ServerProcess() {
        int address[2];
        if (pipe(address) != 0) throw std::runtime_error("no pipe");
        pid_ = fork();
        if (pid_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            run_server(address[1]);
            _exit(1);
        }
        close(address[1]);
        char text[64] = {};
        if (read(address[0], text, sizeof text - 1) <= 0)
            throw std::runtime_error("the server did not start");
        close(address[0]);
        const std::string_view bound(text);
        endpoint_ = {asio::ip::make_address("127.0.0.1"),
                     static_cast<unsigned short>(std::stoi(std::string(bound.substr(bound.rfind(':') + 1))))};
    }
    ~ServerProcess() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }

    tcp::socket connect(const std::string& request) {
        tcp::socket socket(context_);
        socket.connect(endpoint_);
        asio::write(socket, asio::buffer(request));
        return socket;
    }

    std::size_t waiting() {
        tcp::socket socket = connect("GET /waiting HTTP/1.0\r\n\r\n");
        const std::string answer = read_all(socket);
        return std::stoul(answer.substr(answer.rfind('\n') + 1));
    }

    static std::string read_all(tcp::socket& socket) {
        std::string answer;
        boost::system::error_code ended;
        asio::read(socket, asio::dynamic_buffer(answer), ended);
        return answer;
    }

    std::size_t resident_kilobytes() const {
        std::ifstream status(singularity::core::format("/proc/{}/status", pid_));
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
        }
        return 0;
    }

private:
    asio::io_context context_;
    pid_t pid_;
    tcp::endpoint endpoint_;
};

void sql(const std::string& script) {
    pgclient::testing::run([&]() -> pgclient::Task<void> {
        const auto connection = co_await pgclient::Connection::open({.dsn = pgclient::testing::server_dsn()});
        co_await connection->script(script);
    });
}

// Ids as long as ULIDs.
std::string id_of(std::string_view kind, std::size_t number) {
    return singularity::core::format("{}{:024}", kind, number);
}

void measure(std::string_view what, std::string_view kind, std::string_view accept, std::size_t clients) {
    sql(singularity::core::format(
        "insert into requests select '{}' || lpad(i::text, 24, '0') from generate_series(0, {} - 1) i", kind,
        clients));
    ServerProcess server;
    server.waiting();  // what the first connection makes is nobody's
    const std::size_t before = server.resident_kilobytes();
    const auto begun = Clock::now();
    std::vector<tcp::socket> sockets;
    sockets.reserve(clients);
    for (std::size_t i = 0; i < clients; ++i) {
        sockets.push_back(server.connect(
            singularity::core::format("GET /api/v1/requests/{}?wait=300 HTTP/1.1\r\n{}Accept: {}\r\n\r\n",
                                      id_of(kind, i), kHeaders, accept)));
    }
    while (server.waiting() < clients) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const auto waiting = Clock::now();
    std::this_thread::sleep_for(std::chrono::seconds(2));  // the last of them are being looked for
    const std::size_t after = server.resident_kilobytes();

    sql(singularity::core::format(
        "insert into answers select request_id, 'llm_results', null, jsonb_build_object('response',"
        " repeat('x', 200)) from requests where starts_with(request_id, '{}');"
        " select pg_notify('agent_answers', request_id) from requests where starts_with(request_id, '{}')",
        kind, kind));
    const auto delivered = Clock::now();
    std::size_t answered = 0;
    for (tcp::socket& socket : sockets) answered += ServerProcess::read_all(socket).contains("\"answered\"");
    const auto seconds = [](Clock::duration time) { return std::chrono::duration<double>(time).count(); };
    std::println(
        "{:12} {:>7} clients: {:5.1f} KB each ({:.1f} MB before), all waiting after {:.2f} s,"
        " {} answered {:.2f} s after the commit",
        what, clients, static_cast<double>(after - before) / static_cast<double>(clients),
        static_cast<double>(before) / 1024, seconds(waiting - begun), answered,
        seconds(Clock::now() - delivered));
}

}  // namespace

int main(int count, char** arguments) try {
    const std::size_t clients = count > 1 ? std::stoul(arguments[1]) : 10'000;
    if (http::room_for_sockets(clients) < clients) {
        std::println(stderr, "the limit on open files is too low for {} clients", clients);
        return 1;
    }
    sql(kApi);
    measure("long-poll", "lp", "*/*", clients);
    measure("event stream", "es", "text/event-stream", clients);
} catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
    return 1;
}
