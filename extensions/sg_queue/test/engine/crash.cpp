// Queues under load while the server's first process is killed without a chance to say anything: what was
// acknowledged must hold afterwards. Four senders and four consumers keep a record of their own in memory,
// which only the server loses.
//
//     COUNT=5 SEED=… test/with_cluster engine_crash
//
// After each restart: no acknowledged message is lost, none whose removal was acknowledged is there or ever
// delivered again, none has a read count below its acknowledged claims, and reading finds all that is due.
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <format>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <thread>

#include "extensions/sg_queue/test/engine/session.hpp"
#include "pgclient/testing.hpp"

namespace {

using namespace singularity::queue::testing;
using Id = std::int64_t;

// What the server has acknowledged; guarded by `mutex`.
struct Record {
    std::mutex mutex;
    std::map<Id, int> sent;              // with the highest read count that was acknowledged
    std::map<Id, std::int64_t> removed;  // acknowledged, and when
    std::set<Id> archived;               // acknowledged
    std::set<Id> maybe_removed;          // asked for, not acknowledged
    std::vector<std::string> wrong;

    // To a reader whose call began then.
    void deliver(Id id, int read_ct, std::int64_t began) {
        const std::scoped_lock lock(mutex);
        const auto gone = removed.find(id);
        if (gone != removed.end() && gone->second < began) {
            wrong.push_back(std::format("{} was delivered after its removal", id));
        }
        int& known = sent[id];
        known = std::max(known, read_ct);
    }
};

bool send(Session& session, Record& record, std::mt19937_64& random) {
    const Answer answer =
        session.run(random() % 4 == 0 ? "select pgmq.send_batch('k', array_fill('{}'::jsonb, array[20]))"
                                      : "select pgmq.send('k', '{}')");
    const std::scoped_lock lock(record.mutex);
    for (const auto& row : answer.rows) {
        if (answer.ok()) record.sent.try_emplace(std::stoll(row[0]), 0);
    }
    return answer.ok();
}

std::vector<Id> claim(Session& session, Record& record, std::mt19937_64& random) {
    const std::int64_t began = wall_clock();
    const Answer answer =
        session.run(std::format("select msg_id, read_ct from pgmq.read('k', {}, 10)", random() % 2));
    std::vector<Id> ids;
    if (!answer.ok()) return ids;
    for (const auto& row : answer.rows) {
        ids.push_back(std::stoll(row[0]));
        record.deliver(ids.back(), std::stoi(row[1]), began);
    }
    return ids;
}

// Every claimed message but some, which come back.
void remove(Session& session, Record& record, std::mt19937_64& random, const std::vector<Id>& ids) {
    std::string list;
    for (const Id id : ids) {
        if (random() % 4 != 0) list += (list.empty() ? "" : ", ") + std::to_string(id);
    }
    if (list.empty()) return;
    {
        const std::scoped_lock lock(record.mutex);
        record.maybe_removed.insert(ids.begin(), ids.end());
    }
    const bool archives = random() % 3 == 0;
    const Answer answer = session.run(
        std::format("select pgmq.{}('k', array[{}]::bigint[])", archives ? "archive" : "delete", list));
    if (!answer.ok()) return;
    const std::scoped_lock lock(record.mutex);
    for (const Id id : ids) record.maybe_removed.erase(id);
    for (const auto& row : answer.rows) {
        const Id id = std::stoll(row[0]);
        record.removed.try_emplace(id, wall_clock());
        if (archives) record.archived.insert(id);
    }
}

bool consume(Session& session, Record& record, std::mt19937_64& random) {
    remove(session, record, random, claim(session, record, random));
    return !session.lost();
}

void work(const std::string& dsn, Record& record, std::uint64_t seed, bool sends) {
    try {
        std::mt19937_64 random(seed);
        Session session(dsn);
        while (sends ? send(session, record, random) : consume(session, record, random)) {
        }
    } catch (const std::exception&) {
        // The server has gone.
    }
}

int postmaster_of(Session& session) {
    std::ifstream file(session.must("show data_directory").rows[0][0] + "/postmaster.pid");
    int pid = 0;
    file >> pid;
    if (pid <= 1) throw std::runtime_error("no postmaster.pid");
    return pid;
}

// The processes of a server: those that its first one has made.
std::vector<int> children_of(int postmaster) {
    std::ifstream file(std::format("/proc/{0}/task/{0}/children", postmaster));
    return {std::istream_iterator<int>(file), std::istream_iterator<int>()};
}

// Its children see that it has gone and end, as ours, since we are their reaper; until they have, and have
// been reaped, no other server starts.
void kill_server(int postmaster) {
    ::kill(postmaster, SIGSTOP);  // no more children
    std::vector<int> processes = children_of(postmaster);
    processes.insert(processes.begin(), postmaster);
    ::kill(postmaster, SIGKILL);
    for (const int process : processes) ::waitpid(process, nullptr, 0);
}

void check_table(Session& session, Record& record) {
    std::map<Id, int> left;
    for (const auto& row : session.must("select msg_id, read_ct from pgmq.q_k").rows) {
        left[std::stoll(row[0])] = std::stoi(row[1]);
    }
    std::set<Id> archive;
    for (const auto& row : session.must("select msg_id from pgmq.a_k").rows)
        archive.insert(std::stoll(row[0]));
    for (const auto& [id, read_ct] : record.sent) {
        const auto row = left.find(id);
        const bool known = !record.maybe_removed.contains(id);
        if (known && row == left.end() && !record.removed.contains(id))
            record.wrong.push_back(std::format("{} is lost", id));
        if (row != left.end() && row->second < read_ct)
            record.wrong.push_back(std::format("{} forgot claims", id));
    }
    for (const auto& [id, when] : record.removed) {
        if (left.contains(id)) record.wrong.push_back(std::format("{} is there again", id));
    }
    for (const Id id : record.archived) {
        if (!archive.contains(id)) record.wrong.push_back(std::format("{} is lost from the archive", id));
    }
}

void check_reading(Session& session, Record& record) {
    while (session.must("select from pgmq.q_k where vt > clock_timestamp() limit 1").rows.size() == 1) {
    }
    for (;;) {
        const Answer answer = session.must("select msg_id, read_ct from pgmq.read('k', 3600, 1000)");
        for (const auto& row : answer.rows)
            record.deliver(std::stoll(row[0]), std::stoi(row[1]), wall_clock());
        if (answer.rows.size() < 1000) break;
    }
    const Answer stuck = session.must("select msg_id from pgmq.q_k where vt < clock_timestamp()");
    if (!stuck.rows.empty()) record.wrong.push_back("due, but not to be had by reading:" + stuck.text());
    session.must("select pgmq.set_vt('k', array(select msg_id from pgmq.q_k), 0)");
}

void crash_once(const singularity::pgclient::testing::OwnCluster& cluster, Record& record,
                std::uint64_t seed) {
    std::mt19937_64 random(seed);
    {
        Session session(cluster.dsn());
        const int postmaster = postmaster_of(session);
        std::vector<std::jthread> threads;
        threads.reserve(8);
        for (std::uint64_t number = 0; number < 8; ++number) {
            threads.emplace_back(work, cluster.dsn(), std::ref(record), seed * 8 + number, number < 4);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(200 + random() % 1500));
        kill_server(postmaster);
    }
    cluster.control("start");
    Session session(cluster.dsn());
    check_table(session, record);
    check_reading(session, record);
}

}  // namespace

int main() try {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const singularity::pgclient::testing::OwnCluster cluster;
    Session(cluster.dsn()).must("create extension sg_queue");
    Session(cluster.dsn()).must("select pgmq.create('k')");
    const std::uint64_t seed = number_from_environment("SEED", std::random_device()());
    const std::uint64_t count = number_from_environment("COUNT", 5);
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    Record record;
    for (std::uint64_t i = 0; i < count && record.wrong.empty(); ++i) crash_once(cluster, record, seed + i);
    for (const std::string& line : record.wrong) std::printf("%s\n", line.c_str());
    std::printf("%zu messages were acknowledged, %zu removals\n", record.sent.size(), record.removed.size());
    return record.wrong.empty() ? 0 : 1;
} catch (const std::exception& error) {
    std::printf("%s\n", error.what());
    return 1;
}
