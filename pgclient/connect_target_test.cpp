#include "pgclient/connect_target.hpp"

#include "pgclient/error.hpp"
#include "pgclient/statement_cache.hpp"

#include <gtest/gtest.h>

namespace singularity::pgclient {
namespace {

TEST(ConnectTarget, urls_and_keywords_are_read_alike) {
    EXPECT_EQ(parse_dsn("postgresql://me@db.example:5433/work?application_name=x"),
              parse_dsn("user=me host=db.example port=5433 dbname=work application_name=x"));
}

TEST(ConnectTarget, a_malformed_dsn_is_refused_with_the_reason) {
    try {
        parse_dsn("host=a colour=blue");
        FAIL() << "accepted";
    } catch (const DbError& error) {
        EXPECT_EQ(error.sqlstate(), kConnectFailed);
        EXPECT_NE(error.message().find("colour"), std::string::npos) << error.what();
    }
}

TEST(ConnectTarget, each_host_has_its_port) {
    const auto hosts = listed_hosts({{"host", "a,b"}, {"port", "1,2"}});
    ASSERT_EQ(hosts.size(), 2u);
    EXPECT_EQ(hosts[1].name, "b");
    EXPECT_EQ(hosts[1].port, "2");
    EXPECT_EQ(listed_hosts({{"host", "a,b"}, {"port", "7"}})[1].port, "7") << "one port serves all";
    EXPECT_THROW(listed_hosts({{"host", "a,b,c"}, {"port", "1,2"}}), DbError);
}

TEST(ConnectTarget, only_names_are_looked_up) {
    EXPECT_TRUE(needs_lookup("db.example"));
    for (const char* host : {"", "/run/postgresql", "@abstract", "127.0.0.1", "::1"}) {
        EXPECT_FALSE(needs_lookup(host)) << host;
    }
}

TEST(StatementCache, a_query_is_found_again_by_name_and_argument_types) {
    StatementCache cache;
    const Query query{"q", "select $1"};
    cache.add(query, cache.plan(query, Arguments(1)));
    EXPECT_NE(cache.find(query, Arguments(2)), nullptr);
    EXPECT_NE(cache.find(query, Arguments(3)), nullptr);
    EXPECT_EQ(cache.find(query, Arguments(std::int64_t{2})), nullptr) << "another type, another statement";
    const Statement other = cache.plan(query, Arguments(std::int64_t{2}));
    EXPECT_NE(other.server_name, "q") << "the first has that name on the server";
}

TEST(StatementCache, a_name_means_one_statement_and_fits_the_server) {
    StatementCache cache;
    const Query query{"q", "select 1"};
    cache.add(query, cache.plan(query, Arguments()));
    EXPECT_NE(cache.find(query, Arguments()), nullptr);
    EXPECT_THROW(cache.find(Query{"q", "select 2"}, Arguments()), DbError);
    const std::string long_name(64, 'x');
    EXPECT_THROW(cache.plan(Query{long_name, "select 1"}, Arguments()), DbError);
    EXPECT_THROW(cache.plan(Query{"", "select 1"}, Arguments()), DbError);
}

TEST(StatementCache, a_forgotten_statement_is_prepared_under_a_new_name) {
    StatementCache cache;
    const Query query{"q", "select * from t"};
    cache.add(query, cache.plan(query, Arguments()));
    EXPECT_NE(cache.find(query, Arguments()), nullptr);
    cache.forget(query);
    EXPECT_EQ(cache.find(query, Arguments()), nullptr);
    EXPECT_NE(cache.plan(query, Arguments()).server_name, "q");
}

}  // namespace
}  // namespace singularity::pgclient
