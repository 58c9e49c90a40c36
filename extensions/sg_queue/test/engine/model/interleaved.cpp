#include "extensions/sg_queue/test/engine/model/interleaved.hpp"

#include <algorithm>
#include <format>
#include <stdexcept>

namespace singularity::queue::testing {

namespace {

constexpr std::size_t kRemembered = 60;

}  // namespace

InterleavedRound::InterleavedRound(const std::string& dsn, std::uint64_t seed, int sessions)
    : dsn_(dsn), random_(seed), control_(dsn) {
    control_.must("select pgmq.drop_queue('x') from pgmq.meta where queue_name = 'x'");
    control_.must("select pgmq.create('x')");
    control_.must(
        "create or replace function public.nothing() returns trigger language plpgsql as 'begin return null; "
        "end'");
    for (int number = 0; number < sessions; ++number) {
        players_.push_back(std::make_unique<Player>(number, dsn));
    }
}

void InterleavedRound::remember(const std::string& line) {
    history_.push_back(line);
    if (history_.size() > kRemembered) history_.pop_front();
}

void InterleavedRound::fail(const std::string& what) const {
    throw std::runtime_error(what);
}

InterleavedRound::Timed InterleavedRound::run(Player& player, const std::string& sql) {
    remember(std::format("{} [{}] {}", player.number, player.session.pid(), sql));
    const Micros started = wall_clock();
    Answer answer = player.session.run(sql);
    const Micros ended = wall_clock();
    history_.back() += " →" + answer.text();
    return {std::move(answer), started, ended};
}

bool InterleavedRound::survives(Player& player, const Answer& answer, bool conflict_allowed) {
    if (answer.ok()) return true;
    expect(answer.sqlstate == "40001" && conflict_allowed,
           "an error that nothing explains: " + answer.text());
    player.failed = player.in_transaction;
    player.transaction.fail();
    return false;
}

// A session's own view is its transaction's; where it has none, each statement commits itself.
void InterleavedRound::changed(Player& player) {
    if (!player.in_transaction) model_.commit(player.transaction);
}

void InterleavedRound::commit(Player& player) {
    model_.commit(player.transaction);
    player.in_transaction = player.failed = false;
}

void InterleavedRound::rollback(Player& player) {
    QueueModel::rollback(player.transaction);
    player.in_transaction = player.failed = false;
}

Player* InterleavedRound::holder_of(Id id, const Player& but) {
    for (const auto& player : players_) {
        if (player.get() != &but && player->transaction.changes.contains(id)) return player.get();
    }
    return nullptr;
}

Player* InterleavedRound::exclusive() {
    const auto found = std::ranges::find_if(
        players_, [](const auto& player) { return player->transaction.truncated_at.has_value(); });
    return found == players_.end() ? nullptr : found->get();
}

bool InterleavedRound::alone(const Player& player) const {
    return std::ranges::none_of(players_, [&](const auto& other) {
        return other.get() != &player && (other->in_transaction || other->waiting);
    });
}

Id InterleavedRound::some_id(const Player& player) {
    const Messages visible = model_.visible_to(player.transaction);
    if (visible.empty() || one_in(20)) return below(50) + 1;
    return std::next(visible.begin(), below(static_cast<int>(std::min<std::size_t>(visible.size(), 12))))
        ->first;
}

void InterleavedRound::play(int operations) {
    for (int i = 0; i < operations; ++i) {
        if (one_in(60)) terminate();
        if (exclusive() == nullptr && one_in(paused_ ? 15 : 60)) pause_or_resume();
        Player* player = exclusive();
        if (player == nullptr)
            player = players_[static_cast<std::size_t>(below(static_cast<int>(players_.size())))].get();
        if (!player->can_act()) continue;
        act(*player);
        let_waiting_go();
    }
}

void InterleavedRound::act(Player& player) {
    if (player.failed && !player.transaction.savepoints.empty() && one_in(2))
        return rollback_to_savepoint(player);
    if (player.failed) {
        run(player, "rollback");
        return rollback(player);
    }
    const int choice = below(100);
    if (choice < 18) return begin_or_end(player);
    if (choice < 32 && player.in_transaction) return use_savepoint(player);
    if (choice < 34) return maintain(player);
    act_on_messages(player);
}

void InterleavedRound::act_on_messages(Player& player) {
    const int choice = below(100);
    if (choice < 18) send(player);
    else if (choice < 24) send_batch(player);
    else if (choice < 29) insert(player);
    else if (choice < 66) read(player);
    else if (choice < 72) remove_many(player);
    else if (choice < 73) truncate(player);
    else name_one(player);
}

void InterleavedRound::begin_or_end(Player& player) {
    if (!player.in_transaction) {
        const bool repeatable = number_from_environment("REPEATABLE", 1) != 0 && one_in(5);
        run(player, repeatable ? "begin isolation level repeatable read" : "begin");
        player.in_transaction = true;
        if (!repeatable) return;
        run(player, "select 1");
        player.transaction.snapshot = model_.committed;
        return;
    }
    const bool commits = !one_in(3);
    const Answer answer = run(player, commits ? "commit" : "rollback").answer;
    expect(answer.ok(), "a transaction could not end: " + answer.text());
    if (commits) commit(player);
    else rollback(player);
}

void InterleavedRound::use_savepoint(Player& player) {
    const std::size_t depth = player.transaction.savepoints.size();
    const int choice = depth == 0 ? 0 : below(10);
    if (choice < 5 && depth < 6) {
        run(player, std::format("savepoint s{}", depth));
        player.transaction.savepoint();
    } else if (choice < 8 && depth > 0) {
        rollback_to_savepoint(player);
    } else if (depth > 0) {
        const auto released = static_cast<std::size_t>(below(static_cast<int>(depth)));
        run(player, std::format("release s{}", released));
        player.transaction.release(released);
    }
}

void InterleavedRound::rollback_to_savepoint(Player& player) {
    const auto depth =
        static_cast<std::size_t>(below(static_cast<int>(player.transaction.savepoints.size())));
    run(player, std::format("rollback to s{}", depth));
    player.transaction.rollback_to(depth);
    player.failed = false;
}

void InterleavedRound::terminate() {
    Player& player = *players_[static_cast<std::size_t>(below(static_cast<int>(players_.size())))];
    remember(std::format("terminate {} [{}]", player.number, player.session.pid()));
    control_.must(std::format("select pg_terminate_backend({})", player.session.pid()));
    player.session.wait_until_closed();
    player.session = Session(dsn_);
    player.waiting.reset();
    rollback(player);
    let_waiting_go();
}

// In force for all from its commit on, whatever their snapshots and locks.
void InterleavedRound::pause_or_resume() {
    paused_ = !paused_;
    const std::string sql = std::format("select queue.configure('x', '{{\"paused\": {}}}')", paused_);
    remember("control " + sql);
    control_.must(sql);
}

// What the table may undergo while the index describes it.
void InterleavedRound::maintain(Player& player) {
    if (player.in_transaction || exclusive() != nullptr) return;
    if (!alone(player)) {
        if (one_in(3)) run(player, "vacuum pgmq.q_x");
        return;
    }
    const int choice = below(4);
    if (choice == 0) run(player, "vacuum full pgmq.q_x");
    else if (choice == 1) run(player, "vacuum pgmq.q_x");
    else if (number_from_environment("FOREIGN", 1) != 0) {
        // With a trigger that is not ours the queue is served by SQL.
        foreign_trigger_ = !foreign_trigger_;
        const Answer answer =
            run(player, foreign_trigger_ ? "create trigger foreign_one after insert on pgmq.q_x for each row "
                                           "execute function public.nothing()"
                                         : "drop trigger foreign_one on pgmq.q_x")
                .answer;
        expect(answer.ok(), answer.text());
    }
}

// A statement whose message has become free goes on at once: its answer is awaited before anybody else acts.
// But where the holder's savepoint was released before it was rolled back, the server lets others wait until
// the whole transaction ends.
void InterleavedRound::let_waiting_go() {
    for (bool again = true; again;) {
        again = false;
        for (const auto& player : players_) {
            if (!player->waiting) continue;
            if (const Player* holder = holder_of(player->waiting->id, *player)) player->waits_for = holder;
            else if (!is_blocked(*player)) again = true, finish_waiting(*player);
        }
    }
}

bool InterleavedRound::is_blocked(const Player& player) {
    const Answer answer =
        control_.must(std::format("select cardinality(pg_blocking_pids({}))", player.session.pid()));
    return answer.rows[0][0] != "0";
}

void InterleavedRound::finish_waiting(Player& player) {
    const Answer answer = player.session.finish();
    finish_named(player, answer, wall_clock());
}

void InterleavedRound::drain() {
    for (const auto& player : players_) {
        if (player->waiting || !player->in_transaction) continue;
        const bool commits = !player->failed && one_in(2);
        run(*player, commits ? "commit" : "rollback");
        if (commits) commit(*player);
        else rollback(*player);
        let_waiting_go();
    }
    for (const auto& player : players_) {
        if (!player->in_transaction) continue;
        run(*player, "rollback");
        rollback(*player);
    }
    if (paused_) pause_or_resume();
    while (control_.must("select from pgmq.q_x where vt > clock_timestamp() limit 1").rows.size() == 1) {
        control_.must("select pg_sleep(0.05)");
    }
    Player& reader = *players_.front();
    while (!run(reader, "select msg_id from pgmq.read('x', 3600, 7)").answer.rows.empty()) {
    }
    const auto left = control_.must("select msg_id, vt, read_ct from pgmq.q_x where vt <= clock_timestamp()");
    expect(left.rows.empty(), "due in the table, but not to be had by reading:" + left.text());
    std::string ids;
    for (const auto& [id, message] : model_.committed) ids += std::format(" ({})", id);
    const std::string held = control_.must("select msg_id from pgmq.q_x order by 1").text();
    expect(held == (ids.empty() ? " -" : ids), "the table holds" + held + ", the model" + ids);
}

}  // namespace singularity::queue::testing
