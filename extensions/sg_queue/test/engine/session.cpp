#include "extensions/sg_queue/test/engine/session.hpp"

#include <poll.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace singularity::queue::testing {

namespace {

void ignore_notice(void*, const PGresult*) {}

void add_result(Answer& answer, const PGresult* result) {
    const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (sqlstate != nullptr) {
        answer.sqlstate = sqlstate;
        answer.error = PQresultErrorMessage(result);
    }
    for (int row = 0; row < PQntuples(result); ++row) {
        auto& columns = answer.rows.emplace_back();
        for (int column = 0; column < PQnfields(result); ++column) {
            columns.emplace_back(PQgetvalue(result, row, column));
        }
    }
}

}  // namespace

std::string Answer::text() const {
    if (lost) return "connection lost";
    if (!ok()) return sqlstate + " " + error;
    std::string text;
    for (const auto& row : rows) {
        text += " (";
        for (const auto& column : row) text += column + (&column == &row.back() ? "" : ", ");
        text += ")";
    }
    return text.empty() ? " -" : text;
}

Session::Session(std::string dsn) : connection_(PQconnectdb(dsn.c_str())) {
    if (lost()) throw std::runtime_error(PQerrorMessage(connection_.get()));
    PQsetNoticeReceiver(connection_.get(), ignore_notice, nullptr);
}

void Session::start(const std::string& sql) {
    running_ = sql;
    PQsendQuery(connection_.get(), sql.c_str());
}

bool Session::wait_readable() {
    pollfd descriptor{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
    const auto milliseconds = std::chrono::milliseconds(patience).count();
    return ::poll(&descriptor, 1, static_cast<int>(milliseconds)) > 0;
}

Answer Session::finish() {
    Answer answer;
    for (;;) {
        while (!lost() && PQisBusy(connection_.get())) {
            if (!wait_readable())
                throw std::runtime_error("no answer from " + std::to_string(pid()) + ": " + running_);
            PQconsumeInput(connection_.get());
        }
        PGresult* result = PQgetResult(connection_.get());
        if (result == nullptr) break;
        add_result(answer, result);
        PQclear(result);
    }
    answer.lost = lost();
    return answer;
}

Answer Session::run(const std::string& sql) {
    start(sql);
    return finish();
}

Answer Session::must(const std::string& sql) {
    Answer answer = run(sql);
    if (!answer.ok()) throw std::runtime_error(sql + ": " + answer.text());
    return answer;
}

void Session::wait_until_closed() {
    while (!lost()) {
        if (!wait_readable())
            throw std::runtime_error("a terminated session does not end: " + std::to_string(pid()));
        PQconsumeInput(connection_.get());
        while (!lost() && !PQisBusy(connection_.get())) {
            PGresult* result = PQgetResult(connection_.get());
            if (result == nullptr) break;
            PQclear(result);
        }
    }
}

std::int64_t wall_clock() {
    using namespace std::chrono;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

std::string server_dsn() {
    // Nothing changes the environment of a test. NOLINTNEXTLINE(concurrency-mt-unsafe)
    if (const char* dsn = std::getenv("SINGULARITY_TEST_DSN")) return dsn;
    std::fputs("skipped: SINGULARITY_TEST_DSN is not set; run this through test/with_cluster\n", stderr);
    std::_Exit(77);
}

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace singularity::queue::testing
