#include "extensions/sg_queue/src/claim.hpp"

#include <set>

namespace singularity::queue {

namespace {

constexpr Time kRetryLocked = 100'000;  // µs until a message that somebody has locked is looked at again
constexpr std::uint64_t kMostAtOnce = 1000;

// A snapshot for a scope: of this very moment, or the transaction's where it has but one. On error the server
// drops it.
class Now {
public:
    Now()
        : snapshot_(pg::call([] {
              return RegisterSnapshot(IsolationUsesXactSnapshot() ? GetTransactionSnapshot()
                                                                  : GetLatestSnapshot());
          })) {}
    Now(const Now&) = delete;
    ~Now() {
        if (!mark_.unsettled()) UnregisterSnapshot(snapshot_);
    }
    operator Snapshot() const { return snapshot_; }

private:
    pg::ErrorMark mark_;
    Snapshot snapshot_;
};

Row look(const OpenQueue& queue, Snapshot snapshot, MessageId id, Place place) {
    return pg::call([&queue, snapshot, id, place] {
        const TableShape& shape = queue.queue().waiting;
        const Row row = fetch_row(queue.relation(), shape, snapshot, id, place);
        return row ? row : find_row(queue.relation(), shape, snapshot, id);
    });
}

bool fits(const OpenQueue& queue, const Row& row, Jsonb* conditional) {
    return pg::call([&queue, tuple = row.tuple, conditional] {
        bool null = false;
        const Datum message = value_of(queue.relation(), queue.queue().waiting, tuple, Column::message, null);
        return !null &&
               DatumGetBool(DirectFunctionCall2(jsonb_contains, message, JsonbPGetDatum(conditional)));
    });
}

Changed hide(const OpenQueue& queue, Row& row, std::int64_t seconds) {
    return pg::call([&queue, &row, seconds] {
        static constexpr Column kClaimed[] = {Column::read_ct, Column::last_read_at, Column::vt};
        const TableShape& shape = queue.queue().waiting;
        bool null = false;
        const int read_ct =
            DatumGetInt32(value_of(queue.relation(), shape, row.tuple, Column::read_ct, null));
        const TimestampTz now = GetCurrentTimestamp();
        const Datum values[] = {Int32GetDatum(read_ct == INT_MAX ? read_ct : read_ct + 1),
                                TimestampTzGetDatum(now), TimestampTzGetDatum(now + seconds * USECS_PER_SEC)};
        return update_row(queue.relation(), shape, row, 3, kClaimed, values, OnLock::skip);
    });
}

// The same in memory: nothing is written, and a crash ends the claim.
Changed lease(const OpenQueue& queue, Row& row, const Version& last, std::int64_t seconds) {
    const Changed outcome = pg::call(look_at_lock, queue.relation(), row);
    if (outcome != Changed::yes) return outcome;
    const bool same = row.version.place == last.place;
    if (!same && IsolationUsesXactSnapshot())
        throw pg::Failure(ERRCODE_T_R_SERIALIZATION_FAILURE,
                          "could not serialize access due to concurrent update");
    row = pg::call([&queue, &row, reads = same ? last.lease.reads : 0, seconds] {
        const Time now = GetCurrentTimestamp();
        const Version claimed{.place = row.version.place,
                              .due = now + seconds * USECS_PER_SEC,
                              .claimed = true,
                              .lease = {.read_at = now, .reads = reads + 1}};
        return with_lease(queue.relation(), queue.queue().waiting, row, claimed);
    });
    return Changed::yes;
}

Changed remove(const OpenQueue& queue, const Row& row) {
    return pg::call([&queue, &row] { return delete_row(queue.relation(), row, OnLock::skip); });
}

// Claims one; what can't be is given back with what was found.
bool claim(const OpenQueue& queue, const Wanted& wanted, Candidate& candidate, Snapshot snapshot, Time now,
           Row& row) {
    row = look(queue, snapshot, candidate.order.id, candidate.version.place);
    const bool leased = row && candidate.version.lease && row.version.place == candidate.version.place;
    const Version& known = leased ? candidate.version : row.version;
    if (!row || known.due > now) {
        // An old snapshot sees less than the index knows: its candidate goes back, as it was, at the call's
        // end.
        const std::optional<Version> found = row ? std::optional(known) : std::nullopt;
        if (!IsolationUsesXactSnapshot()) give_back(queue.shared(), candidate, found);
        return false;
    }
    Changed outcome = Changed::yes;
    if (!wanted.hide_seconds) outcome = remove(queue, row);
    else if (!queue.shared().rules.in_memory) outcome = hide(queue, row, *wanted.hide_seconds);
    else outcome = lease(queue, row, candidate.version, *wanted.hide_seconds);
    if (outcome == Changed::yes) {
        note_claim(queue.shared(), candidate,
                   wanted.hide_seconds ? std::optional(row.version) : std::nullopt);
        return true;
    }
    Version later{row.version.place, now + kRetryLocked};
    if (later.place == candidate.version.place) later.lease = candidate.version.lease;
    give_back(queue.shared(), candidate, outcome == Changed::gone ? std::nullopt : std::optional(later));
    return false;
}

bool claim_next(const OpenQueue& queue, const Wanted& wanted, std::vector<Row>& rows) {
    bool missed = false;
    while (rows.size() < wanted.limit) {
        while (read_marked_block(queue)) pg::check_interrupts();
        const Time now = GetCurrentTimestamp();
        const auto taken = take_due(queue.shared(), std::min(wanted.limit - rows.size(), kMostAtOnce), now);
        if (taken.empty() && !has_marked_due(queue.shared())) break;
        const Now snapshot;
        for (Candidate& candidate : taken) {
            pg::check_interrupts();
            if (Row row; claim(queue, wanted, candidate, snapshot, now, row)) rows.push_back(row);
            else missed = true;
        }
    }
    return missed;
}

// Looks before it takes, so that other readers get what does not fit.
bool claim_fitting(const OpenQueue& queue, const Wanted& wanted, std::vector<Row>& rows) {
    const Time now = GetCurrentTimestamp();
    const std::vector<Candidate> due = list_due(queue.shared(), now);
    const Now snapshot;
    for (const Candidate& listed : due) {
        if (rows.size() >= wanted.limit) return false;
        pg::check_interrupts();
        const Row seen = look(queue, snapshot, listed.order.id, listed.version.place);
        if (!seen || !fits(queue, seen, wanted.conditional)) continue;
        Candidate* candidate = take_listed(queue.shared(), listed);
        if (candidate == nullptr) continue;
        if (Row row; claim(queue, wanted, *candidate, snapshot, now, row)) rows.push_back(row);
    }
    return !due.empty();
}

}  // namespace

bool claim_due(const OpenQueue& queue, const Wanted& wanted, std::vector<Row>& rows) {
    fill_index(queue);
    const Taking taking(queue.shared());
    return wanted.conditional == nullptr ? claim_next(queue, wanted, rows)
                                         : claim_fitting(queue, wanted, rows);
}

bool claim_grouped(const OpenQueue& queue, const Wanted& wanted, GroupOrder order, std::vector<Row>& rows) {
    if (!queue.shared().grouped) LockedIndex(queue.shared()).begin_groups();
    fill_index(queue);
    const Taking taking(queue.shared());
    bool missed = false;
    while (rows.size() < wanted.limit) {
        const Time now = GetCurrentTimestamp();
        const std::uint64_t left = wanted.limit - rows.size();
        const std::uint64_t most = order == GroupOrder::fill ? std::min(left, kMostAtOnce) : left;
        const auto taken = take_grouped(queue.shared(), most, order, now);
        if (taken.empty()) break;
        const Now snapshot;
        std::set<std::uint32_t> broken;  // groups of which a message could not be had
        for (Candidate& candidate : taken) {
            pg::check_interrupts();
            Row row;
            if (!broken.contains(candidate.group) && claim(queue, wanted, candidate, snapshot, now, row)) {
                rows.push_back(row);
            } else {
                broken.insert(candidate.group);
                missed = true;
            }
        }
        if (order != GroupOrder::fill || !broken.empty()) break;
    }
    return missed;
}

Standing standing_of(const OpenQueue& queue, const Row& row) {
    return pg::call([&queue, tuple = row.tuple] {
        return standing_of(queue.relation(), queue.queue().waiting, tuple, queue.shared().grouped);
    });
}

Row locate(const OpenQueue& queue, MessageId id) {
    Version known;
    if (const Touched* mine = touched(queue.shared(), id)) {
        if (!mine->version) return {};
        known = *mine->version;
    } else {
        known = known_version(queue.shared(), id);
    }
    const Now snapshot;
    const Row row = look(queue, snapshot, id, known.place);
    const bool leased = row && known.lease && row.version.place == known.place;
    return leased ? pg::call(with_lease, queue.relation(), queue.queue().waiting, row, known) : row;
}

}  // namespace singularity::queue
