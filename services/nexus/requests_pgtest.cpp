// Requests over HTTP, against a server: nothing that is delivered is missed by who waits for it.
#include "core/format.hpp"
#include "services/nexus/requests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "http/server_testing.hpp"
#include "pgclient/testing.hpp"

namespace singularity::services::nexus {
namespace {

using namespace std::chrono_literals;
using http::testing::Client;
using http::testing::LoopbackServer;
using pgclient::Task;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// What the instance's database and the bus give role console, as far as it is used here.
constexpr char kApi[] = R"(
    create table answers (request_id text, queue text, agent_id text, answer jsonb,
        arrived_at timestamptz default '2026-01-02 03:04:05.678+00', expires_at timestamptz default 'infinity',
        taken_at timestamptz, primary key (request_id, queue));
    create table expired (request_id text primary key);
    create table dead (request_id text primary key, reason text default 'no model answers');
    create table requests (request_id text primary key);
    create table unsent (request_id text primary key);
    create schema api;
    create function api.answers(request_ids text[]) returns setof answers language sql stable
        as 'select * from public.answers where request_id = any (request_ids)';
    create function api.known_requests(request_ids text[]) returns setof text language sql stable
        as 'select r.request_id from public.requests r where r.request_id = any (request_ids)';
    create function api.unsent_requests(request_ids text[]) returns setof text language sql stable
        as 'select u.request_id from public.unsent u where u.request_id = any (request_ids)';
    create function api.expired_requests(request_ids text[]) returns setof text language sql stable
        as 'select e.request_id from public.expired e where e.request_id = any (request_ids)';
    create function api.dead_requests(request_ids text[]) returns table (request_id text, queue_name text, reason text,
            attempts integer, died_at timestamptz) language sql stable
        as 'select d.request_id, ''llm_requests'', d.reason, 10, timestamptz ''2026-01-02 03:04:05+00''
            from public.dead d where d.request_id = any (request_ids)';
    create function api.take_answers(request_ids text[]) returns setof text language sql
        as 'update public.answers a set taken_at = coalesce(a.taken_at, timestamptz ''2026-01-03 00:00:00+00'')
            where a.request_id = any (request_ids) and a.expires_at > clock_timestamp() returning a.request_id';
    create function deliver(id text) returns void language sql as $$
        insert into answers (request_id, queue, agent_id, answer)
            values (id, 'llm_results', 'agent-1', '{"response": "forty-two"}');
        select pg_notify('agent_answers', id);
    $$;
)";
// And what the database of who answers does.
constexpr char kAnsweringApi[] = R"(
    create table dead (request_id text primary key);
    create schema api;
    create function api.dead_requests(request_ids text[]) returns table (request_id text, queue_name text, reason text,
            attempts integer, died_at timestamptz) language sql stable
        as 'select d.request_id, ''outbox'', ''the answer was refused'', 1, timestamptz ''2026-01-02 03:04:05+00''
            from public.dead d where d.request_id = any (request_ids)';
)";
constexpr char kEndListener[] =
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where application_name = 'waiters' and datname = current_database()";

// What the endpoint stands on, of one database.
struct Backend {
    explicit Backend(const std::string& dsn, std::vector<pgclient::PoolOptions> answering = {})
        : connect{.dsn = dsn, .application_name = "waiters"},
          store(context.get_executor(), {.connect = connect}, {.connect = connect}, std::move(answering),
                {.connect = connect}),
          waiters(context.get_executor(), store, connect, 20ms) {}

    void serve(std::optional<LoopbackServer>& server, RequestsOptions options = {}) {
        http::Router router;
        add_requests(router, waiters, store, options);
        server.emplace(context, std::move(router));
        server->beside([this] { return waiters.run(); });
    }

    boost::asio::io_context context{1};
    pgclient::ConnectOptions connect;
    RequestStore store;
    RequestWaiters waiters;
};

class RequestsPg : public ::testing::Test {
protected:
    RequestsPg() {
        sql(kApi);
        sql_in(answering_, kAnsweringApi);
    }

    static void sql_in(const pgclient::testing::TestDatabase& database, const std::string& script) {
        pgclient::testing::run([&]() -> Task<void> {
            const auto connection = co_await pgclient::Connection::open({.dsn = database.dsn()});
            co_await connection->script(script);
        });
    }
    void sql(const std::string& script) { sql_in(database_, script); }
    void request(const std::string& id) { sql(core::format("insert into requests values ('{}')", id)); }
    void deliver(const std::string& id) { sql(core::format("select deliver('{}')", id)); }

    LoopbackServer& server() {
        if (!server_) backend_.serve(server_, options_);
        return *server_;
    }

    Client ask(const std::string& target, const std::string& headers = "", std::string_view verb = "GET") {
        Client client = server().connect();
        client.send(core::format("{} /api/v1/requests/{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}\r\n",
                                 verb, target, headers));
        return client;
    }
    Client listen(const std::string& target, const std::string& headers = "") {
        return ask(target, "Accept: text/event-stream\r\n" + headers);
    }
    std::string get(const std::string& target) { return ask(target).read_all(); }
    std::string take(const std::string& id) {
        return ask(id + "/taken", "Content-Length: 0\r\n", "PUT").read_all();
    }

    void until_waiting(std::size_t count) {
        server().until([this, count] { return backend_.waiters.size() == count; });
    }

    pgclient::testing::TestDatabase database_, answering_;
    Backend backend_{database_.dsn(), {{.connect = {.dsn = answering_.dsn()}}}};
    RequestsOptions options_{.heartbeat = 20ms};
    std::optional<LoopbackServer> server_;
};

TEST_F(RequestsPg, an_answer_that_is_there_is_returned_with_where_it_came_from) {
    deliver("a");
    const std::string answer = get("a");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(answer, HasSubstr("Content-Type: application/json"));
    EXPECT_THAT(answer,
                EndsWith(R"({"request_id":"a","state":"answered","queue":"llm_results","agent_id":"agent-1",)"
                         R"("arrived_at":"2026-01-02T03:04:05.678000Z","answer":{"response": "forty-two"}})"
                         "\n"));
}

TEST_F(RequestsPg, a_request_without_an_answer_is_pending) {
    request("a");
    const std::string answer = get("a");
    EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 202"), HasSubstr("Retry-After: "),
                              EndsWith("{\"request_id\":\"a\",\"state\":\"pending\"}\n")));
    EXPECT_THAT(get("a?wait=0.01"), StartsWith("HTTP/1.1 202"));
}

TEST_F(RequestsPg, a_request_that_waits_to_be_sent_is_pending_whatever_the_bus_says) {
    sql("insert into unsent values ('a'); alter function api.known_requests rename to away");
    EXPECT_THAT(get("a"), StartsWith("HTTP/1.1 202"));
}

TEST_F(RequestsPg, a_request_that_nobody_sent_is_not_found_however_long_one_would_wait) {
    EXPECT_THAT(get("a?wait=300"), AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("not_found")));
    EXPECT_THAT(listen("a").read_all(), StartsWith("HTTP/1.1 404"));
}

TEST_F(RequestsPg, an_answer_that_has_expired_is_gone) {
    request("a");
    sql("insert into expired values ('a')");
    EXPECT_THAT(get("a?wait=300"), AllOf(StartsWith("HTTP/1.1 410"), HasSubstr("\"code\":\"expired\"")));
    EXPECT_THAT(listen("a").read_all(), StartsWith("HTTP/1.1 410"));
    deliver("b");
    sql("update answers set expires_at = clock_timestamp(); insert into expired values ('b')");
    EXPECT_THAT(get("b"), StartsWith("HTTP/1.1 410")) << "from that moment on";
    EXPECT_THAT(take("b"), StartsWith("HTTP/1.1 410"));
}

TEST_F(RequestsPg, a_request_that_died_is_told_with_where_and_why) {
    request("a");
    sql("insert into dead values ('a')");
    constexpr char kDead[] = R"({"request_id":"a","state":"dead","queue":"llm_requests","attempts":10,)"
                             R"("died_at":"2026-01-02T03:04:05.000000Z",)"
                             R"("error":{"code":"dead_letter","message":"no model answers","details":[]}})";
    EXPECT_THAT(get("a?wait=300"), AllOf(StartsWith("HTTP/1.1 200"), EndsWith(std::string(kDead) + "\n")));
    EXPECT_THAT(listen("a").read_all(), HasSubstr(std::string("id: dead\nevent: dead\ndata: ") + kDead));
    EXPECT_THAT(listen("a", "Last-Event-ID: dead\r\n").read_all(), StartsWith("HTTP/1.1 204"));
    EXPECT_THAT(take("a"), AllOf(StartsWith("HTTP/1.1 409"), HasSubstr("not_answered")));
    deliver("a");
    EXPECT_THAT(get("a"), HasSubstr("forty-two")) << "sent back, and answered after all";
}

TEST_F(RequestsPg, who_waits_is_told_of_the_death_too) {
    request("a");
    request("b");
    Client poll = ask("a?wait=300"), stream = listen("a"), other = ask("b?wait=300");
    until_waiting(3);
    sql("insert into dead values ('a')");
    EXPECT_THAT(poll.read_all(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("\"state\":\"dead\"")));
    EXPECT_THAT(stream.read_all(), HasSubstr("event: dead\n"));
    deliver("b");
    EXPECT_THAT(other.read_all(), HasSubstr("forty-two"));
}

TEST_F(RequestsPg, an_answer_that_died_on_its_way_to_the_bus_is_a_death_of_its_request) {
    request("a");
    request("b");
    Client poll = ask("a?wait=300"), other = ask("b?wait=300");
    until_waiting(2);
    sql_in(answering_, "insert into dead values ('a'), ('never asked')");
    EXPECT_THAT(poll.read_all(), AllOf(StartsWith("HTTP/1.1 200"),
                                       HasSubstr(R"("state":"dead","queue":"outbox","attempts":1)"),
                                       HasSubstr("the answer was refused")));
    EXPECT_THAT(get("a"), HasSubstr("\"state\":\"dead\""));
    EXPECT_THAT(get("never%20asked"), StartsWith("HTTP/1.1 404"));
    sql("insert into dead values ('a')");
    EXPECT_THAT(get("a"), HasSubstr("no model answers")) << "of its own death one is told first";
    deliver("a");
    EXPECT_THAT(get("a"), HasSubstr("forty-two")) << "sent back, and delivered after all";
    deliver("b");
    EXPECT_THAT(other.read_all(), HasSubstr("forty-two"));
}

TEST_F(RequestsPg, looking_takes_nothing_and_taking_may_be_repeated) {
    deliver("a");
    EXPECT_THAT(get("a"), Not(HasSubstr("taken_at")));
    EXPECT_THAT(get("a"), Not(HasSubstr("taken_at")));
    EXPECT_THAT(take("a"), StartsWith("HTTP/1.1 204"));
    EXPECT_THAT(take("a"), StartsWith("HTTP/1.1 204"));
    EXPECT_THAT(get("a"),
                AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("\"taken_at\":\"2026-01-03T00:00:00.000000Z\""),
                      HasSubstr("forty-two")));
}

TEST_F(RequestsPg, what_is_not_there_cannot_be_taken) {
    request("a");
    EXPECT_THAT(take("a"), AllOf(StartsWith("HTTP/1.1 409"), HasSubstr("no answer yet")));
    EXPECT_THAT(take("never"), StartsWith("HTTP/1.1 404"));
    EXPECT_THAT(take("a%00b"), StartsWith("HTTP/1.1 400"));
    sql("alter function api.take_answers rename to away");
    EXPECT_THAT(take("a"), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: ")));
}

TEST_F(RequestsPg, only_a_put_takes) {
    deliver("a");
    for (const std::string_view verb : {"GET", "POST", "OPTIONS"}) {
        EXPECT_THAT(ask("a/taken", "Content-Length: 0\r\n", verb).read_all(),
                    AllOf(StartsWith("HTTP/1.1 405"), HasSubstr("Allow: PUT")));
    }
    EXPECT_THAT(get("a"), Not(HasSubstr("taken_at")));
}

TEST_F(RequestsPg, what_is_wrong_is_told_with_its_field) {
    EXPECT_THAT(get("a?wait=-1"), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("\"details\":[\"wait: ")));
    EXPECT_THAT(get("a%00b"), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("\"details\":[\"id: ")));
    EXPECT_THAT(get("%ff"), StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(get("%zz"), StartsWith("HTTP/1.1 400"));
}

TEST_F(RequestsPg, an_id_with_any_character_is_found) {
    request("a/b c\xc3\xbc");
    EXPECT_THAT(get("a%2Fb%20c%C3%BC"), StartsWith("HTTP/1.1 202"));
}

TEST_F(RequestsPg, everybody_who_waits_for_a_request_has_its_answer_when_it_comes) {
    request("a");
    request("b");
    Client first = ask("a?wait=300"), second = ask("a?wait=300"), third = listen("a"),
           other = ask("b?wait=300");
    until_waiting(4);
    deliver("a");
    EXPECT_THAT(first.read_all(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("forty-two")));
    EXPECT_THAT(second.read_all(), HasSubstr("forty-two"));
    EXPECT_THAT(third.read_all(), HasSubstr("forty-two"));
    until_waiting(1);
    deliver("b");
    EXPECT_THAT(other.read_all(), HasSubstr("\"request_id\":\"b\""));
}

TEST_F(RequestsPg, who_asks_while_answers_are_delivered_misses_none) {
    constexpr int kRequests = 200;
    std::string script;
    for (int i = 0; i < kRequests; ++i) script += core::format("insert into requests values ('r{}');", i);
    sql(script);
    std::thread sender([&] {
        for (int i = 0; i < kRequests; ++i) deliver(core::format("r{}", i));
    });
    std::vector<Client> clients;
    clients.reserve(kRequests);
    for (int i = 0; i < kRequests; ++i) clients.push_back(ask(core::format("r{}?wait=300", i)));
    for (Client& client : clients) EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 200"));
    sender.join();
}

TEST_F(RequestsPg, an_answer_that_came_while_nobody_could_listen_is_found_afterwards) {
    request("a");
    Client client = ask("a?wait=300"), stream = listen("a");
    stream.read_until("\r\n\r\n");
    until_waiting(2);
    // Committed while the listening connection is being ended: nothing tells of it but the table.
    sql(std::string(
            "insert into answers (request_id, queue, answer) values ('a', 'llm_results', '\"late\"');") +
        kEndListener);
    EXPECT_THAT(client.read_all(), HasSubstr("late"));
    EXPECT_THAT(stream.read_all(), HasSubstr("late"));
}

TEST_F(RequestsPg, more_than_may_wait_are_told_so_but_all_are_told_how_it_is_now) {
    options_.max_waiting = 2;
    request("a");
    Client first = ask("a?wait=300"), second = listen("a");
    until_waiting(2);
    EXPECT_THAT(get("a?wait=300"),
                AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: "), HasSubstr("too many wait")));
    EXPECT_THAT(listen("a").read_all(), StartsWith("HTTP/1.1 503"));
    EXPECT_THAT(get("a"), StartsWith("HTTP/1.1 202"));
    first.close();
    until_waiting(1);
    Client third = ask("a?wait=300");
    until_waiting(2);
    deliver("a");
    EXPECT_THAT(second.read_all(), HasSubstr("forty-two"));
    EXPECT_THAT(third.read_all(), StartsWith("HTTP/1.1 200"));
}

TEST_F(RequestsPg, a_client_that_closes_waits_no_longer) {
    request("a");
    Client waiting = ask("a?wait=300"), stream = listen("a");
    until_waiting(2);
    waiting.close();
    until_waiting(1);
    stream.close();
    until_waiting(0);
}

TEST_F(RequestsPg, who_waits_while_the_server_stops_is_told_to_try_again) {
    request("a");
    Client client = ask("a?wait=300");
    until_waiting(1);
    server().stop();
    EXPECT_THAT(client.read_all(),
                AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: "), HasSubstr("is stopping")));
}

TEST_F(RequestsPg, a_stream_beats_until_the_answer_ends_it) {
    request("a");
    Client client = listen("a");
    EXPECT_THAT(client.read_until(":\n\n"),
                AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("text/event-stream")));
    deliver("a");
    EXPECT_THAT(client.read_all(),
                AllOf(HasSubstr("id: llm_results\nevent: answer\ndata: {\"request_id\":\"a\""),
                      EndsWith("}\n\n\r\n0\r\n\r\n")));
}

TEST_F(RequestsPg, a_stream_may_be_asked_for_a_while_only) {
    request("a");
    EXPECT_THAT(listen("a?wait=0.05").read_all(),
                AllOf(HasSubstr("text/event-stream"), EndsWith("0\r\n\r\n"), Not(HasSubstr("answer\n"))));
}

TEST_F(RequestsPg, who_comes_back_for_more_than_the_answer_is_told_to_stay_away) {
    deliver("a");
    EXPECT_THAT(listen("a").read_all(), HasSubstr("forty-two"));
    EXPECT_THAT(listen("a", "Last-Event-ID: llm_results\r\n").read_all(), StartsWith("HTTP/1.1 204"));
    EXPECT_THAT(listen("a", "Last-Event-ID: job_results\r\n").read_all(), HasSubstr("forty-two"));
}

TEST_F(RequestsPg, while_it_cannot_be_looked_for_one_is_told_to_try_again) {
    sql("alter function api.answers rename to away");
    EXPECT_THAT(get("a?wait=300"), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: ")));
    EXPECT_THAT(listen("a").read_all(), StartsWith("HTTP/1.1 503"));
    sql("alter function api.away rename to answers; alter function api.known_requests rename to away");
    EXPECT_THAT(get("a"), StartsWith("HTTP/1.1 503")) << "the bus is away, nobody knows whether it was sent";
    deliver("b");
    EXPECT_THAT(get("b"), StartsWith("HTTP/1.1 200")) << "an answer that is there needs no bus";
    sql("alter function api.away rename to known_requests");
    EXPECT_THAT(get("a"), StartsWith("HTTP/1.1 404"));
}

TEST_F(RequestsPg, who_waits_has_the_answer_although_looking_for_it_failed_for_a_while) {
    request("a");
    Client client = listen("a");
    client.read_until("\r\n\r\n");
    sql("alter function api.answers rename to away");
    deliver("a");
    server().until([this] { return !backend_.waiters.trouble().empty(); });
    sql("alter function api.away rename to answers");
    EXPECT_THAT(client.read_all(), HasSubstr("forty-two"));
}

TEST(RequestsRestartPg, a_server_that_is_away_is_told_and_its_return_brings_what_was_delivered) {
    const pgclient::testing::OwnCluster cluster;
    const auto sql = [&](const char* script) {
        pgclient::testing::run([&]() -> Task<void> {
            const auto connection = co_await pgclient::Connection::open({.dsn = cluster.dsn()});
            co_await connection->script(script);
        });
    };
    sql(kApi);
    sql("insert into requests values ('a')");
    Backend backend(cluster.dsn());
    std::optional<LoopbackServer> server;
    backend.serve(server);
    constexpr char kAsk[] =
        "GET /api/v1/requests/a?wait=300 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    Client waiting = server->connect();
    waiting.send(
        "GET /api/v1/requests/a HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nConnection: "
        "close\r\n\r\n");
    waiting.read_until("\r\n\r\n");
    cluster.control("stop");
    EXPECT_THAT(server->exchange(kAsk), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: ")));
    cluster.control("start");
    sql("select deliver('a')");
    EXPECT_THAT(waiting.read_all(), HasSubstr("forty-two"));
    EXPECT_THAT(server->exchange(kAsk), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace singularity::services::nexus
