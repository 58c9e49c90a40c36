#include "services/genesis/live_output.hpp"

#include <boost/asio.hpp>

#include <span>

#include "pgclient/error.hpp"

namespace singularity::services::genesis {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

constexpr std::size_t kBatch = 64 * 1024;
constexpr std::size_t kMostWaiting = 16 * kBatch;
constexpr std::chrono::milliseconds kLate{100};
constexpr std::chrono::hours kUntilWoken{1};

}  // namespace

LiveOutput::LiveOutput(const asio::any_io_executor& executor, JobStore& store, std::string request_id,
                       std::int32_t attempt)
    : executor_(executor),
      store_(store),
      request_id_(std::move(request_id)),
      attempt_(attempt),
      added_(executor) {}

void LiveOutput::add(sandbox::Stream stream, std::string_view bytes) {
    const bool is_out = stream == sandbox::Stream::out;
    std::int64_t& written = is_out ? out_bytes_ : err_bytes_;
    const std::int64_t at = std::exchange(written, written + static_cast<std::int64_t>(bytes.size()));
    if (waiting_ + bytes.size() > kMostWaiting) return;
    const std::string name = is_out ? "stdout" : "stderr";
    const auto raw = std::as_bytes(std::span(bytes));
    const bool goes_on =
        !pieces_.pieces.empty() && pieces_.streams.back() == name &&
        pieces_.at_bytes.back() + static_cast<std::int64_t>(pieces_.pieces.back().size()) == at &&
        pieces_.pieces.back().size() + bytes.size() <= kBatch;
    if (goes_on) {
        pieces_.pieces.back().insert(pieces_.pieces.back().end(), raw.begin(), raw.end());
    } else {
        pieces_.streams.push_back(name);
        pieces_.at_bytes.push_back(at);
        pieces_.pieces.emplace_back(raw.begin(), raw.end());
    }
    waiting_ += bytes.size();
    added_.notify();
}

// What a short job writes is in its answer before it would be shown.
awaitable<void> LiveOutput::run() {
    for (;;) {
        while (waiting_ == 0) co_await added_.wait(kUntilWoken);
        const auto due = std::chrono::steady_clock::now() + kLate;
        while (waiting_ < kBatch && std::chrono::steady_clock::now() < due) {
            co_await added_.wait(
                std::chrono::ceil<std::chrono::milliseconds>(due - std::chrono::steady_clock::now()));
        }
        co_await show();
    }
}

awaitable<void> LiveOutput::show() {
    const OutputPieces pieces = std::exchange(pieces_, {});
    waiting_ = 0;
    try {
        co_await store_.show(request_id_, attempt_, pieces);
    } catch (const pgclient::DbError& error) {
        if (error.cause() == pgclient::Cause::cancelled) throw;
    }
}

}  // namespace singularity::services::genesis
