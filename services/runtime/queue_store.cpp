#include "services/runtime/queue_store.hpp"

#include <boost/asio.hpp>

namespace singularity::services {

namespace {

using pgclient::Query;
using pgclient::Task;

constexpr Query kRead{"queue.read",
                      "select msg_id, read_ct, enqueued_at, message, headers"
                      " from pgmq.read($1::text, $2::integer, $3::integer)"};
constexpr Query kReadOrWait{"queue.read_or_wait",
                            "select msg_id, read_ct, enqueued_at, message, headers"
                            " from pgmq.read_with_poll($1::text, $2::integer, $3::integer, $4::integer)"};
constexpr Query kWait{"queue.wait", "call queue.wait(array[$1::text], $2::double precision, null)"};
// Need not wait for the disk: a message that a crash puts back has had its effect, and is archived again.
constexpr Query kArchive{"queue.archive",
                         "with hurry as materialized (select set_config('synchronous_commit', 'off', true))"
                         " select pgmq.archive($1::text, $2::bigint[]) from hurry"};
constexpr Query kExtend{"queue.extend",
                        "select msg_id from pgmq.set_vt($1::text, $2::bigint[], $3::integer)"};
constexpr Query kRetry{"queue.retry",
                       "select queue.retry($1::text, $2::bigint, $3::integer,"
                       " make_interval(secs => $4::double precision), $5::text)"};
constexpr Query kBury{"queue.bury", "select queue.bury($1::text, $2::bigint, $3::integer, $4::text)"};
constexpr Query kUnread{"queue.unread", "select queue.unread($1::text, $2::bigint[], $3::integer[])"};

constexpr Query kBlobs{
    "queue.blobs",
    "select hash, public.get_blob(decode(hash, 'hex')) as body from unnest($1::text[]) as hash"};

struct StoredBlob {
    std::string hash;
    std::optional<pgclient::Bytes> body;
};

// Beyond the time that the call sleeps: for the answer to come.
constexpr std::chrono::seconds kAnswerTime{10};

double in_seconds(std::chrono::milliseconds time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

QueueStore::QueueStore(pgclient::Pool& pool, std::string queue, std::chrono::milliseconds visibility)
    : pool_(pool),
      queue_(std::move(queue)),
      visibility_seconds_(
          static_cast<std::int32_t>(std::chrono::ceil<std::chrono::seconds>(visibility).count())) {}

Task<std::vector<Claim>> QueueStore::read(pgclient::Connection& session, std::size_t at_most,
                                          std::chrono::seconds at_most_for) const {
    const auto quantity = static_cast<std::int32_t>(at_most);
    if (at_most_for == std::chrono::seconds{0})
        return session.rows<Claim>(kRead, queue_, visibility_seconds_, quantity);
    return session.within(at_most_for + kAnswerTime)
        .rows<Claim>(kReadOrWait, queue_, visibility_seconds_, quantity,
                     static_cast<std::int32_t>(at_most_for.count()));
}

Task<bool> QueueStore::wait(pgclient::Connection& session, std::chrono::seconds at_most) const {
    const auto woken =
        co_await session.within(at_most + kAnswerTime)
            .one<std::optional<std::string>>(kWait, queue_, static_cast<double>(at_most.count()));
    co_return woken.has_value();
}

Task<std::map<std::string, std::string>> QueueStore::blobs(std::vector<std::string> hashes) {
    const auto session = co_await pool_.acquire();
    std::map<std::string, std::string> blobs;
    for (const StoredBlob& blob : co_await session->rows<StoredBlob>(kBlobs, hashes)) {
        if (!blob.body) continue;
        blobs.emplace(blob.hash,
                      std::string(reinterpret_cast<const char*>(blob.body->data()), blob.body->size()));
    }
    co_return blobs;
}

Task<void> QueueStore::archive(const std::vector<std::int64_t>& msg_ids) {
    const auto session = co_await pool_.acquire();
    co_await session->exec(kArchive, queue_, msg_ids);
}

Task<void> QueueStore::extend(const std::vector<std::int64_t>& msg_ids) {
    const auto session = co_await pool_.acquire();
    co_await session->exec(kExtend, queue_, msg_ids, visibility_seconds_);
}

Task<void> QueueStore::retry(const Claim& claim, std::chrono::milliseconds delay, const std::string& reason) {
    const auto session = co_await pool_.acquire();
    co_await session->exec(kRetry, queue_, claim.msg_id, claim.read_ct, in_seconds(delay), reason);
}

Task<void> QueueStore::bury(const Claim& claim, const std::string& reason) {
    const auto session = co_await pool_.acquire();
    co_await session->exec(kBury, queue_, claim.msg_id, claim.read_ct, reason);
}

Task<void> QueueStore::give_back(std::span<const Claim* const> claims) {
    if (claims.empty()) co_return;
    std::vector<std::int64_t> msg_ids;
    std::vector<std::int32_t> read_counts;
    for (const Claim* claim : claims) {
        msg_ids.push_back(claim->msg_id);
        read_counts.push_back(claim->read_ct);
    }
    const auto session = co_await pool_.acquire();
    co_await session->exec(kUnread, queue_, msg_ids, read_counts);
}

}  // namespace singularity::services
