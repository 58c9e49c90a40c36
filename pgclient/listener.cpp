#include "pgclient/listener.hpp"

#include "core/log.hpp"
#include "pgclient/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <random>
#include <stdexcept>

namespace singularity::pgclient {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kMaxChannelLength = 63;

void check_channel(const std::string& channel) {
    const bool fits = !channel.empty() && channel.size() <= kMaxChannelLength;
    if (fits && channel.find('\0') == std::string::npos) return;
    throw std::invalid_argument("a notification channel's name has 1 to 63 bytes, none of them NUL: \"" +
                                channel + "\"");
}

std::string quote_identifier(std::string_view identifier) {
    std::string text = "\"";
    for (const char c : identifier) {
        if (c == '"') text += '"';
        text += c;
    }
    return text + '"';
}

}  // namespace

class Listener::State {
public:
    State(ConnectOptions options, std::vector<std::string> channels, algo::BackoffPolicy backoff)
        : options_(std::move(options)), backoff_(backoff), random_(std::random_device{}()) {
        for (const std::string& channel : channels) {
            check_channel(channel);
            listen_ += "listen " + quote_identifier(channel) + ";";
        }
    }

    Task<Notification> next() {
        for (;;) {
            try {
                if (!connection_) co_return co_await subscribe();
                auto [channel, payload] = co_await connection_->session_->notification();
                co_return Notification{std::move(channel), std::move(payload)};
            } catch (const DbError& error) {
                if (error.cause() == Cause::cancelled) throw;
                lose(error);
            }
            co_await rest();
        }
    }

    const std::string& trouble() const { return trouble_; }

private:
    Task<Notification> subscribe() {
        auto connection = co_await Connection::open(options_);
        co_await connection->script(listen_);
        connection_ = std::move(connection);
        backoff_.reset();
        trouble_.clear();
        co_return Notification{.resync = true};
    }

    void lose(const DbError& error) {
        connection_.reset();
        trouble_ = error.what();
        core::log::warn("pgclient.listener_lost", {{"application", options_.application_name},
                                                   {"failures", backoff_.failures()},
                                                   {"error", trouble_}});
    }

    Task<void> rest() {
        asio::steady_timer timer(co_await asio::this_coro::executor, backoff_.next(random_()));
        const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::deferred));
        if (!error) co_return;
        throw DbError({.cause = Cause::cancelled,
                       .sqlstate = std::string(kQueryCanceled),
                       .message = "cancelled while waiting to connect again"});
    }

    ConnectOptions options_;
    std::string listen_;
    algo::Backoff backoff_;
    std::mt19937_64 random_;
    std::unique_ptr<Connection> connection_;
    std::string trouble_;
};

Listener::Listener(ConnectOptions options, std::vector<std::string> channels, algo::BackoffPolicy backoff)
    : state_(std::make_unique<State>(std::move(options), std::move(channels), backoff)) {}

Listener::~Listener() = default;

Task<Notification> Listener::next() {
    return state_->next();
}

const std::string& Listener::trouble() const {
    return state_->trouble();
}

}  // namespace singularity::pgclient
