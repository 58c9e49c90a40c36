// What an interleaved round does with messages, and what each answer must be.
#include "extensions/sg_queue/test/engine/model/interleaved.hpp"

#include <algorithm>
#include <format>
#include <utility>

namespace singularity::queue::testing {

namespace {

constexpr Micros kSecond = 1'000'000;
constexpr std::string_view kRecord = "msg_id, read_ct, (extract(epoch from vt) * 1000000)::bigint";

Span later(Micros earliest, Micros latest, int seconds) {
    return {earliest + seconds * kSecond, latest + seconds * kSecond};
}

bool within(Micros time, Span span) {
    return span.earliest <= time && time <= span.latest;
}

std::string array_of(const std::vector<Id>& ids) {
    std::string text;
    for (const Id id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
    return "array[" + text + "]::bigint[]";
}

std::string sql_of(const Named& named) {
    switch (named.what) {
        case Named::What::remove: return std::format("select pgmq.delete('x', {})", named.id);
        case Named::What::archive: return std::format("select pgmq.archive('x', {})", named.id);
        case Named::What::move:
            return std::format("select {} from pgmq.set_vt('x', {}::bigint, {})", kRecord, named.id,
                               named.seconds);
        case Named::What::sql_remove:
            return std::format("delete from pgmq.q_x where msg_id = {} returning 't'", named.id);
        case Named::What::sql_move: break;
    }
    return std::format(
        "update pgmq.q_x set vt = clock_timestamp() + interval '{} s' where msg_id = {} returning {}",
        named.seconds, named.id, kRecord);
}

}  // namespace

void InterleavedRound::send(Player& player) {
    const int seconds = below(3) == 0 ? below(3) : 0;
    const auto timed = run(player, seconds == 0 ? "select pgmq.send('x', '{}')"
                                                : std::format("select pgmq.send('x', '{{}}', {})", seconds));
    sent(player, timed, seconds);
}

void InterleavedRound::send_batch(Player& player) {
    const int seconds = below(2);
    const int count = one_in(20) ? 300 : below(4) + 1;
    sent(player,
         run(player, std::format("select pgmq.send_batch('x', array_fill('{{}}'::jsonb, array[{}]), {})",
                                 count, seconds)),
         seconds);
}

void InterleavedRound::insert(Player& player) {
    const int seconds = below(2);
    sent(player,
         run(player,
             std::format("insert into pgmq.q_x (vt, message) select clock_timestamp() + interval '{} s', '1' "
                         "from generate_series(1, {}) returning msg_id",
                         seconds, below(3) + 1)),
         seconds);
}

void InterleavedRound::sent(Player& player, const Timed& timed, int seconds) {
    expect(timed.answer.ok(), "a send failed: " + timed.answer.text());
    Id previous = 0;
    for (const auto& row : timed.answer.rows) {
        const Id id = std::stoll(row[0]);
        expect(id > previous, "ids of a batch out of order");
        previous = id;
        model_.change(player.transaction, id, later(timed.started, timed.ended, seconds), 0);
    }
    changed(player);
}

void InterleavedRound::read(Player& player) {
    const int limit = one_in(10) ? 100 : below(4) + 1;
    const int seconds = below(2) == 0 ? 0 : below(3);
    const int form = below(10);
    if (form < 2) {
        const auto timed = run(player, std::format("select {} from pgmq.pop('x', {})", kRecord, limit));
        return check_read(player, timed, std::nullopt, static_cast<std::size_t>(limit));
    }
    const char* call = form < 4 ? "select {0} from pgmq.read_with_poll('x', {1}, {2}, 0, 10)"
                                : "select {0} from pgmq.read('x', {1}, {2})";
    const auto timed = run(player, std::vformat(call, std::make_format_args(kRecord, seconds, limit)));
    check_read(player, timed, seconds, static_cast<std::size_t>(limit));
}

// Everything that comes must be due, free, and in order, but for what became due meanwhile; nothing that
// certainly was both may be passed over.
void InterleavedRound::check_read(Player& player, const Timed& timed, std::optional<int> seconds,
                                  std::size_t limit) {
    if (paused_) return expect(timed.answer.ok() && timed.answer.rows.empty(), "a paused queue was read");
    const Messages visible = model_.visible_to(player.transaction);
    const bool stale = std::ranges::any_of(
        visible, [&](const auto& each) { return model_.is_stale(player.transaction, each.first); });
    if (!survives(player, timed.answer, stale)) return;
    expect(timed.answer.rows.size() <= limit, "more messages than were wanted");
    std::vector<Id> ids;
    for (const auto& row : timed.answer.rows) {
        const Id id = std::stoll(row[0]);
        const auto found = visible.find(id);
        expect(found != visible.end(), std::format("read {}, which is not there", id));
        expect(holder_of(id, player) == nullptr, std::format("read {}, which another transaction holds", id));
        expect(!model_.is_stale(player.transaction, id),
               std::format("read {} in a version that is past", id));
        expect(found->second.due.earliest <= timed.ended, std::format("read {} before its time", id));
        expect(!std::ranges::contains(ids, id), std::format("read {} twice", id));
        const bool was_due = found->second.due.latest < timed.started;
        expect(ids.empty() || ids.back() < id || !was_due, std::format("read {} out of order", id));
        const int read_ct = found->second.read_ct + (seconds ? 1 : 0);
        expect(std::stoi(row[1]) == read_ct, std::format("read_ct of {} is not {}", id, read_ct));
        ids.push_back(id);
        std::ranges::sort(ids);
    }
    const Id last = ids.size() < limit ? INT64_MAX : ids.back();
    for (const auto& [id, message] : visible) {
        if (id >= last) break;
        const bool free = holder_of(id, player) == nullptr && !model_.is_stale(player.transaction, id);
        const bool passed_over =
            free && message.due.latest < timed.started && !std::ranges::binary_search(ids, id);
        expect(!passed_over, std::format("{} is due and free, but was passed over", id));
    }
    for (const auto& row : timed.answer.rows) {
        const Id id = std::stoll(row[0]);
        const Micros due = std::stoll(row[2]);
        if (!seconds) {
            QueueModel::remove(player.transaction, id);
            continue;
        }
        expect(within(due, later(timed.started, timed.ended, *seconds)),
               std::format("vt of {} is not right", id));
        model_.change(player.transaction, id, {due, due}, std::stoi(row[1]));
    }
    changed(player);
}

// By several ids, none of which somebody has: which of them would be waited for first is nobody's business.
void InterleavedRound::remove_many(Player& player) {
    std::vector<Id> ids, expected;
    bool conflict = false;
    for (int i = below(5) + 1; i > 0; --i) {
        const Id id = some_id(player);
        if (holder_of(id, player) != nullptr || std::ranges::contains(ids, id)) continue;
        ids.push_back(id);
        Message message{};
        const auto sees = model_.look(player.transaction, id, message);
        conflict |= sees == QueueModel::Sees::conflict;
        if (sees == QueueModel::Sees::message) expected.push_back(id);
    }
    if (ids.empty()) return;
    const char* verb = one_in(2) ? "delete" : "archive";
    const auto timed = run(player, std::format("select pgmq.{}('x', {}) order by 1", verb, array_of(ids)));
    if (!survives(player, timed.answer, conflict)) return;
    expect(!conflict, "a message that has changed since the snapshot was removed");
    std::ranges::sort(expected);
    std::vector<Id> removed;
    removed.reserve(timed.answer.rows.size());
    for (const auto& row : timed.answer.rows) removed.push_back(std::stoll(row[0]));
    expect(removed == expected, "other messages were removed than were there: " + array_of(expected));
    for (const Id id : removed) QueueModel::remove(player.transaction, id);
    changed(player);
}

void InterleavedRound::truncate(Player& player) {
    if (!alone(player)) return;
    const bool purges = one_in(2);
    const auto timed = run(player, purges ? "select pgmq.purge_queue('x')" : "truncate pgmq.q_x");
    expect(timed.answer.ok(), "a truncation failed: " + timed.answer.text());
    const Messages visible = model_.visible_to(player.transaction);
    const bool counted = purges && !player.transaction.snapshot;
    expect(!counted || timed.answer.rows[0][0] == std::to_string(visible.size()), "purged another number");
    for (const auto& [id, message] : model_.committed) QueueModel::remove(player.transaction, id);
    for (const auto& [id, message] : visible) QueueModel::remove(player.transaction, id);
    if (player.in_transaction && !player.transaction.truncated_at) {
        player.transaction.truncated_at = player.transaction.savepoints.size();
    }
    changed(player);
}

// It may wait, but only for a session that goes on, and nobody else waits for the same or for us.
void InterleavedRound::name_one(Player& player) {
    Named named{
        static_cast<Named::What>(below(5)), some_id(player), below(2) == 0 ? 0 : below(3), wall_clock(), {}};
    named.sql = sql_of(named);
    Message message{};
    const bool sees = model_.look(player.transaction, named.id, message) == QueueModel::Sees::message;
    const Player* holder = sees ? holder_of(named.id, player) : nullptr;
    if (holder != nullptr) {
        const bool crowded = holder->waiting || std::ranges::any_of(players_, [&](const auto& other) {
                                 if (!other->waiting) return false;
                                 const Id id = other->waiting->id;
                                 return id == named.id || other->waits_for == &player ||
                                        player.transaction.changes.contains(id);
                             });
        if (crowded) return;
    }
    remember(std::format("{} [{}] {}", player.number, player.session.pid(), named.sql));
    player.waiting = named;
    player.session.start(named.sql);
    if (holder != nullptr) {
        history_.back() += " … waits";
        player.waits_for = holder;
        return;
    }
    const Answer answer = player.session.finish();
    finish_named(player, answer, wall_clock());
}

void InterleavedRound::finish_named(Player& player, const Answer& answer, Micros ended) {
    const Named named = *std::exchange(player.waiting, std::nullopt);
    remember(std::format("{}   {} →{}", player.number, named.sql, answer.text()));
    Message message{};
    const auto sees = model_.look(player.transaction, named.id, message);
    if (!survives(player, answer, sees == QueueModel::Sees::conflict)) return;
    expect(sees != QueueModel::Sees::conflict, "a message that has changed since the snapshot was changed");
    const bool there = sees == QueueModel::Sees::message;
    const bool moves = named.what == Named::What::move || named.what == Named::What::sql_move;
    const bool done = !answer.rows.empty() && (moves || answer.rows[0][0] == "t");
    expect(done == there, std::format("{} is {}there", named.id, there ? "" : "not "));
    if (there && moves) {
        const Micros due = std::stoll(answer.rows[0][2]);
        expect(std::stoi(answer.rows[0][1]) == message.read_ct, "read_ct has changed");
        expect(within(due, later(named.started, ended, named.seconds)), "another vt than was wanted");
        model_.change(player.transaction, named.id, {due, due}, message.read_ct);
    } else if (there) {
        QueueModel::remove(player.transaction, named.id);
    }
    changed(player);
}

}  // namespace singularity::queue::testing
