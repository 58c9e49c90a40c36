#include "extensions/sg_queue/test/engine/model/worker.hpp"

#include <format>
#include <stdexcept>

namespace singularity::queue::testing {

namespace {

constexpr Micros kSecond = 1'000'000;
constexpr std::string_view kRecord =
    "msg_id, read_ct, (extract(epoch from last_read_at) * 1000000)::bigint, (extract(epoch from vt) * "
    "1000000)::bigint";

// What concurrent sessions may do to each other: deadlocks and serialization failures.
bool is_expected(const std::string& sqlstate) {
    return sqlstate == "40P01" || sqlstate == "40001";
}

}  // namespace

Worker::Worker(FreeRound& round, std::uint64_t seed, std::atomic<int>& pid)
    : round_(round), random_(seed), pid_(pid), session_(round.dsn_) {
    pid_ = session_.pid();
}

void Worker::work() {
    while (!round_.stops_) transaction();
}

void Worker::transaction() {
    over_ = false;
    in_transaction_ = below(3) != 0;
    if (in_transaction_) begin();
    for (int i = in_transaction_ ? below(6) + 1 : 1; i > 0 && !over_; --i) operate();
    if (!over_) end();
}

void Worker::begin() {
    static_cast<void>(ask(below(6) == 0 ? "begin isolation level repeatable read" : "begin"));
}

void Worker::end() {
    if (!in_transaction_) return finish(Outcome::committed);
    const bool commits = below(4) != 0;
    const Answer answer = session_.run(commits ? "commit" : "rollback");
    if (answer.lost) {
        finish(commits ? Outcome::unknown : Outcome::rolled_back);
        return reconnect();
    }
    if (!answer.ok()) throw std::runtime_error("a transaction could not end: " + answer.text());
    finish(commits ? Outcome::committed : Outcome::rolled_back);
}

void Worker::finish(Outcome outcome) {
    const Micros now = wall_clock();
    round_.ledger_.enter(events_, outcome, now);
    round_.ledger_.enter(undone_, Outcome::rolled_back, now);
    events_.clear();
    undone_.clear();
    savepoints_.clear();
    over_ = true;
}

void Worker::reconnect() {
    session_ = Session(round_.dsn_);
    pid_ = session_.pid();
}

std::optional<Answer> Worker::ask(const std::string& sql) {
    Answer answer = session_.run(sql);
    if (answer.ok()) return answer;
    if (!answer.lost && !is_expected(answer.sqlstate)) throw std::runtime_error(sql + ": " + answer.text());
    // What committed itself may have done so before the connection went.
    finish(answer.lost && !in_transaction_ ? Outcome::unknown : Outcome::rolled_back);
    if (answer.lost) reconnect();
    else if (in_transaction_) static_cast<void>(session_.run("rollback"));
    return std::nullopt;
}

void Worker::operate() {
    const int choice = below(10);
    if (in_transaction_ && choice == 0) savepoint();
    else if (choice < 4) send();
    else if (choice < 8) read();
    else name();
}

void Worker::savepoint() {
    if (savepoints_.empty() || below(2) == 0) {
        if (ask(std::format("savepoint s{}", savepoints_.size()))) savepoints_.push_back(events_.size());
        return;
    }
    const auto depth = static_cast<std::size_t>(below(static_cast<int>(savepoints_.size())));
    const bool releases = below(3) == 0;
    if (!ask(std::format("{} s{}", releases ? "release" : "rollback to", depth))) return;
    if (!releases) {
        const auto kept = events_.begin() + static_cast<std::ptrdiff_t>(savepoints_[depth]);
        undone_.insert(undone_.end(), kept, events_.end());
        events_.erase(kept, events_.end());
    }
    savepoints_.resize(releases ? depth : depth + 1);
}

void Worker::send() {
    const Micros began = wall_clock();
    const int seconds = below(4) == 0 ? 1 : 0;
    const int form = round_.kind_ == Kind::in_memory ? below(2) * 2 : below(4);
    const auto answer =
        ask(round_.kind_ == Kind::lined && form > 1
                ? std::format("select pgmq.send('f', '{{}}', jsonb_build_object('x-pgmq-group', {}, "
                              "'x-queue-priority', {}), {})",
                              below(5), below(3), seconds)
            : form == 0 ? std::format("select pgmq.send_batch('f', array_fill('{{}}'::jsonb, array[{}]), {})",
                                      below(20) + 1, seconds)
            : form == 1 ? std::format("insert into pgmq.q_f (vt, message) values (clock_timestamp() + "
                                      "interval '{} s', '1') returning msg_id",
                                      seconds)
                        : std::format("select pgmq.send('f', '{{}}', {})", seconds));
    if (!answer) return;
    for (const auto& row : answer->rows) {
        events_.push_back({.what = Event::What::sent,
                           .id = std::stoll(row[0]),
                           .call_began = began,
                           .due = began + seconds * kSecond});
    }
}

void Worker::read() {
    const Micros began = wall_clock();
    const int limit = below(8) + 1;
    const int form = below(8);
    const int pause = round_.pause_;
    if (form == 0) {
        if (const auto answer = ask(std::format("select {} from pgmq.pop('f', {})", kRecord, limit)))
            take(*answer, Event::What::removed, began, pause);
        return;
    }
    if (round_.kind_ == Kind::lined && form < 4) {
        static constexpr std::string_view kOrders[] = {"read_grouped", "read_grouped_rr",
                                                       "read_grouped_head"};
        const auto answer = ask(
            std::format("select {} from pgmq.{}('f', {}, {})", kRecord, kOrders[form - 1], below(2), limit));
        if (answer) take(*answer, Event::What::claimed, began, pause);
        return;
    }
    const auto answer =
        ask(form == 1 ? std::format("select {} from pgmq.read_with_poll('f', {}, {}, 1, 50)", kRecord,
                                    below(2), limit)
                      : std::format("select {} from pgmq.read('f', {}, {})", kRecord, below(2), limit));
    if (answer) take(*answer, Event::What::claimed, began, pause);
}

// Of a call that began, and has ended, in one and the same pause nothing may come.
void Worker::take(const Answer& answer, Event::What what, Micros began, int pause) {
    if (pause != 0 && pause == round_.pause_ && !answer.rows.empty())
        throw std::runtime_error("a paused queue was read: " + answer.text());
    for (const auto& row : answer.rows) {
        events_.push_back({.what = what,
                           .id = std::stoll(row[0]),
                           .call_began = began,
                           .read_ct = std::stoi(row[1]),
                           .read_at = what == Event::What::removed ? 1 : std::stoll(row[2]),
                           .due = std::stoll(row[3])});
    }
}

void Worker::name() {
    const Micros began = wall_clock();
    const auto some = [this] { return round_.ledger_.some(random_()); };
    const int forms[] = {0, 2, 3, 4};
    const int form = round_.kind_ == Kind::in_memory ? forms[below(4)] : below(6);
    const int hidden = round_.kind_ == Kind::lined ? 0 : below(2);  // hiding is no claim, which caps count
    if (form < 2) {
        const std::string sql =
            form == 0
                ? std::format("select {} from pgmq.set_vt('f', array[{}, {}]::bigint[], {})", kRecord, some(),
                              some(), hidden)
                : std::format("update pgmq.q_f set vt = clock_timestamp() where msg_id = {} returning {}",
                              some(), kRecord);
        const auto answer = ask(sql);
        for (std::size_t i = 0; answer && i < answer->rows.size(); ++i) {
            const auto& row = answer->rows[i];
            events_.push_back({.what = Event::What::moved,
                               .id = std::stoll(row[0]),
                               .call_began = began,
                               .read_ct = std::stoi(row[1]),
                               .due = std::stoll(row[3])});
        }
        return;
    }
    const char* verb = form < 4 ? "delete" : "archive";
    const auto answer =
        ask(form == 5 ? std::format("delete from pgmq.q_f where msg_id = {} returning msg_id", some())
                      : std::format("select pgmq.{}('f', array[{}, {}, {}]::bigint[])", verb, some(), some(),
                                    some()));
    for (std::size_t i = 0; answer && i < answer->rows.size(); ++i) {
        events_.push_back(
            {.what = Event::What::removed, .id = std::stoll(answer->rows[i][0]), .call_began = began});
    }
}

}  // namespace singularity::queue::testing
