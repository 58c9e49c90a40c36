// How soon a waiting reader has a message: from the sender's acknowledgement to the message in hand.
//
//   queue_wakeup CONNECTION QUEUE poll|wait COUNT     prints p50 and p99 in microseconds
//   queue_wakeup CONNECTION TABLE insert COUNT        the same of a bare INSERT, as seldom: one commit
//
// One thread serves both connections: it asks as the reader, lets the reader fall asleep, sends as the
// sender, takes the time when the sender is told, and again when the reader's answer is there. `poll` reads
// by pgmq.read_with_poll; `wait` calls queue.wait and then pgmq.read. The queue has to be empty.
#include <libpq-fe.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

// Longer than a session takes to fall asleep; a sender that is no faster than this is what a queue at rest
// has.
constexpr std::chrono::milliseconds kBetweenMessages{2};
constexpr int kWarmUp = 50;
const std::string kMessage = R"({"request_id": "01K0A7Q3N5V8X2Y4Z6B8D0F1G3"})";

class Session {
public:
    explicit Session(const std::string& connection) : connection_(PQconnectdb(connection.c_str()), PQfinish) {
        if (PQstatus(connection_.get()) != CONNECTION_OK) fail();
    }

    void prepare(const char* name, const std::string& sql) {
        require(Result(PQprepare(connection_.get(), name, sql.c_str(), 0, nullptr), PQclear));
    }

    void ask(const char* name) {
        if (!PQsendQueryPrepared(connection_.get(), name, 0, nullptr, nullptr, nullptr, 0)) fail();
    }

    // The first value of what was asked; empty where there is no row.
    std::string answer() {
        Result first(PQgetResult(connection_.get()), PQclear);
        require(first);
        while (PGresult* more = PQgetResult(connection_.get())) PQclear(more);
        return PQntuples(first.get()) > 0 ? PQgetvalue(first.get(), 0, 0) : "";
    }

    std::string run(const char* name) {
        ask(name);
        return answer();
    }

private:
    void require(const Result& result) const {
        const auto status = PQresultStatus(result.get());
        if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail();
    }
    [[noreturn]] void fail() const { throw std::runtime_error(PQerrorMessage(connection_.get())); }

    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

struct Reader {
    Session session;
    bool waits;

    Reader(const std::string& connection, const std::string& queue, bool by_wait)
        : session(connection), waits(by_wait) {
        session.prepare("poll", "select msg_id from pgmq.read_with_poll('" + queue + "', 30, 1, 10)");
        session.prepare("read", "select msg_id from pgmq.read('" + queue + "', 30, 1)");
        session.prepare("empty", "select count(*) from pgmq.delete('" + queue +
                                     "', array(select msg_id from pgmq.q_" + queue + "))");
        if (waits) session.prepare("wait", "call queue.wait(array['" + queue + "'], 10)");
    }

    void begin() { session.ask(waits ? "wait" : "poll"); }

    std::string message() {
        const std::string first = session.answer();
        return waits ? session.run("read") : first;
    }
};

double microseconds_to_message(Reader& reader, Session& sender) {
    reader.begin();
    std::this_thread::sleep_for(kBetweenMessages);
    const std::string sent = sender.run("send");
    const auto acknowledged = Clock::now();
    const std::string received = reader.message();
    const auto in_hand = Clock::now();
    if (received != sent)
        throw std::runtime_error("sent message " + sent + ", received \"" + received + "\"");
    reader.session.run("empty");
    return std::chrono::duration<double, std::micro>(in_hand - acknowledged).count();
}

double microseconds_to_insert(Session& session) {
    std::this_thread::sleep_for(kBetweenMessages);
    const auto begun = Clock::now();
    session.run("insert");
    return std::chrono::duration<double, std::micro>(Clock::now() - begun).count();
}

template <class Measure>
void report(int count, Measure once) {
    for (int i = 0; i < kWarmUp; ++i) once();
    std::vector<double> times;
    times.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) times.push_back(once());
    std::ranges::sort(times);
    std::printf("%.0f %.0f\n", times[times.size() / 2], times[times.size() * 99 / 100]);
}

void measure_wakes(const std::string& connection, const std::string& queue, bool by_wait, int count) {
    Reader reader(connection, queue, by_wait);
    Session sender(connection);
    sender.prepare("send", "select pgmq.send('" + queue + "', '" + kMessage + "')");
    report(count, [&] { return microseconds_to_message(reader, sender); });
}

void measure_inserts(const std::string& connection, const std::string& table, int count) {
    Session session(connection);
    session.prepare("insert",
                    "insert into " + table + " (vt, message) values (clock_timestamp(), '" + kMessage + "')");
    report(count, [&] { return microseconds_to_insert(session); });
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5 || std::atoi(argv[4]) < 1) {
        std::fputs("usage: queue_wakeup CONNECTION QUEUE|TABLE poll|wait|insert COUNT\n", stderr);
        return 2;
    }
    try {
        const std::string mode = argv[3];
        const int count = std::atoi(argv[4]);
        if (mode == "insert") measure_inserts(argv[1], argv[2], count);
        else measure_wakes(argv[1], argv[2], mode == "wait", count);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "queue_wakeup: error: %s\n", error.what());
        return 1;
    }
}
