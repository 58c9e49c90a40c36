// What Genesis notes of jobs: the functions of schema/genesis, and what it looks up in the queue of requests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/job_request.hpp"
#include "pgclient/pool.hpp"
#include "services/genesis/job_identity.hpp"
#include "services/runtime/claim.hpp"

namespace singularity::services::genesis {

struct Begun {
    std::string state;  // begun, cancelled, ended
    std::int32_t attempt = 0;
    std::int32_t lost = 0;  // earlier attempts whose processes died
    bool expired = false;
    std::int64_t cpu_ms = 0;  // that the agent's jobs used within the hour
};

struct AbandonedRun {
    std::string request_id;
    std::int32_t attempt = 0;
    std::int64_t msg_id = 0;
    std::int32_t read_ct = 0;
};

struct WaitingJob {
    std::int64_t msg_id = 0;
    boost::json::value message;
    pgclient::Timestamp enqueued_at;
};

struct OutputPieces {
    std::vector<std::string> streams;
    std::vector<std::int64_t> at_bytes;
    std::vector<pgclient::Bytes> pieces;
};

class JobStore {
public:
    // Both outlive the store. `service` is this process's name among all that were and will be.
    JobStore(pgclient::Pool& own, pgclient::Pool& bus, std::string service, std::string instance_id)
        : own_(own), bus_(bus), service_(std::move(service)), instance_id_(std::move(instance_id)) {}

    pgclient::Task<Begun> begin(const messages::JobRequest& request, const JobIdentity& identity,
                                const Claim& claim, bool starts);
    pgclient::Task<void> start(const std::string& request_id, std::int32_t attempt);
    pgclient::Task<void> give_up(const std::string& request_id, std::int32_t attempt,
                                 const std::string& state, const std::optional<std::string>& problem);
    pgclient::Task<void> share(const std::string& request_id, const std::string& with_request_id);
    pgclient::Task<void> show(const std::string& request_id, std::int32_t attempt,
                              const OutputPieces& output);

    // That nobody has an answer for; the oldest first.
    pgclient::Task<std::vector<std::string>> cancellations();
    // False where somebody is at the job.
    pgclient::Task<bool> cancel_unrun(const messages::JobRequest& request, pgclient::Timestamp enqueued_at,
                                      const std::string& reply_queue, const boost::json::value& answer);
    // A request's message, claimed or not.
    pgclient::Task<std::optional<WaitingJob>> find_waiting(const std::string& request_id);
    pgclient::Task<void> archive(std::int64_t msg_id);

    // Where no other process lives, all claims are a dead one's: their messages are to be had at once. To be
    // called before live(), and before anything is claimed. False where another one lives.
    pgclient::Task<bool> release_all_if_alone(pgclient::Connection& session);
    // Takes the locks that say that this process lives; held as long as the session.
    pgclient::Task<void> live(pgclient::Connection& session) const;
    // Throws where the session, and so the lock, is lost.
    static pgclient::Task<void> check(pgclient::Connection& session);
    pgclient::Task<std::vector<AbandonedRun>> abandoned();
    // Its message is to be had at once; what the claim counted stays counted.
    pgclient::Task<void> release(const AbandonedRun& run);
    // All that this process has begun and not ended.
    pgclient::Task<void> return_all();
    pgclient::Task<void> prune_output();

    const std::string& instance_id() const { return instance_id_; }

private:
    pgclient::Pool& own_;
    pgclient::Pool& bus_;
    std::string service_, instance_id_;
};

}  // namespace singularity::services::genesis
