#include "pgclient/connect_target.hpp"

#include "pgclient/server_error.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <ranges>

namespace singularity::pgclient {

namespace asio = boost::asio;

namespace {

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> parts;
    for (const auto part : std::views::split(list, ',')) parts.emplace_back(part.begin(), part.end());
    if (parts.empty()) parts.emplace_back();
    return parts;
}

// As libpq fills what a target leaves out: from PG* variables, else its own defaults.
std::string value_of(const ConnectTarget& target, std::string_view keyword) {
    const auto found = target.find(std::string(keyword));
    if (found != target.end()) return found->second;
    const std::unique_ptr<PQconninfoOption, FreeOptions> defaults(PQconndefaults());
    for (const auto* option = defaults.get(); option && option->keyword; ++option) {
        if (option->keyword == keyword) return option->val ? option->val : "";
    }
    return "";
}

// Shared with the resolver, whose lookup runs on a thread of its own and can't be interrupted.
struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), done(executor) {}

    asio::ip::tcp::resolver resolver;
    asio::steady_timer done;  // cancelled when the answer is there
    std::vector<std::string> addresses;
    std::string failure;
};

Task<std::shared_ptr<Lookup>> look_up(std::string name, std::chrono::steady_clock::time_point deadline) {
    auto lookup = std::make_shared<Lookup>(co_await asio::this_coro::executor);
    lookup->failure = "no answer in time";
    lookup->done.expires_at(deadline);
    lookup->resolver.async_resolve(name, "", [lookup](const auto& error, const auto& entries) {
        lookup->failure = error ? error.message() : "";
        for (const auto& entry : entries) lookup->addresses.push_back(entry.endpoint().address().to_string());
        lookup->done.cancel();
    });
    boost::system::error_code waited;
    co_await lookup->done.async_wait(asio::redirect_error(asio::use_awaitable, waited));
    co_return lookup;
}

void append(std::string& list, std::string_view item, bool first) {
    if (!first) list += ',';
    list += item;
}

}  // namespace

ConnectTarget parse_dsn(std::string_view dsn) {
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(
        PQconninfoParse(std::string(dsn).c_str(), &message));
    if (!options) {
        const std::unique_ptr<char, decltype(&PQfreemem)> owned(message, &PQfreemem);
        throw connect_failure(message ? message : "out of memory");
    }
    ConnectTarget target;
    for (const auto* option = options.get(); option->keyword; ++option) {
        if (option->val) target.emplace(option->keyword, option->val);
    }
    return target;
}

std::vector<Host> listed_hosts(const ConnectTarget& target) {
    const auto names = split(value_of(target, "host"));
    const auto ports = split(value_of(target, "port"));
    if (ports.size() != 1 && ports.size() != names.size()) {
        throw connect_failure("the connection string has " + std::to_string(names.size()) + " hosts, but " +
                              std::to_string(ports.size()) + " ports");
    }
    std::vector<Host> hosts;
    hosts.reserve(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        hosts.push_back({names[i], ports[ports.size() == 1 ? 0 : i]});
    }
    return hosts;
}

bool needs_lookup(std::string_view host) {
    if (host.empty() || host.front() == '/' || host.front() == '@') return false;
    boost::system::error_code error;
    asio::ip::make_address(host, error);
    return error.failed();
}

Task<ConnectTarget> resolve_hosts(ConnectTarget target, std::chrono::milliseconds limit) {
    const auto hosts = listed_hosts(target);
    const bool any = std::ranges::any_of(hosts, [](const Host& host) { return needs_lookup(host.name); });
    if (!any || !value_of(target, "hostaddr").empty()) co_return target;

    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::string names, addresses, ports, failures;
    bool first = true;
    for (const Host& host : hosts) {
        std::vector<std::string> found{""};  // libpq takes the name itself where the address is empty
        if (needs_lookup(host.name)) {
            const auto lookup = co_await look_up(host.name, deadline);
            if (lookup->addresses.empty()) failures += " \"" + host.name + "\": " + lookup->failure;
            found = lookup->addresses;
        }
        for (const std::string& address : found) {
            append(names, host.name, first);
            append(addresses, address, first);
            append(ports, host.port, first);
            first = false;
        }
    }
    if (first) throw connect_failure("could not resolve host name" + failures);
    target["host"] = names;
    target["hostaddr"] = addresses;
    target["port"] = ports;
    co_return target;
}

}  // namespace singularity::pgclient
