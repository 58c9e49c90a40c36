// SQL jobs have a PostgreSQL of their own.
#include <gmock/gmock.h>

#include "services/genesis/test/job_fixture.hpp"

namespace singularity::services::genesis {

namespace {

using testing::HasSubstr;

class Sql : public JobTest {};

TEST_F(Sql, writes_results_to_its_output_and_errors_beside) {
    const auto result = run(job("sql", "select 6 * 7 as answer;\nselect missing;\nselect 'never';\n"));
    EXPECT_EQ(result.verdict, "runtime_error") << told(result);
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(*result.stdout, HasSubstr("     42"));
    EXPECT_THAT(*result.stdout, testing::Not(HasSubstr("never")));
    EXPECT_THAT(*result.stderr, HasSubstr("psql:main.sql:2: ERROR:  column \"missing\" does not exist"));
}

TEST_F(Sql, makes_databases_functions_and_files) {
    auto request = job("sql",
                       "create database other;\n\\c other\ncreate extension pgcrypto;\n"
                       "create table t as select generate_series(1, 1000) as n;\n"
                       "copy (select sum(n) from t) to '/box/sum.txt';\n");
    request.artifacts = {"sum.txt"};
    const auto result = run(request);
    EXPECT_EQ(result.verdict, "ok") << told(result);
    EXPECT_EQ(result.artifacts.at(0).content, "500500\n");
}

TEST_F(Sql, sees_nothing_of_the_job_before) {
    run(job("sql", "create table left_behind(a int);"));
    const auto result =
        run(job("sql", "\\pset format unaligned\nselect to_regclass('left_behind') is null as gone;\n"));
    EXPECT_THAT(*result.stdout, HasSubstr("gone\nt\n")) << told(result);
}

TEST_F(Sql, tells_where_an_error_of_syntax_is) {
    auto request = job("sql", "select 1;\ncreate tabel t();\n");
    request.kind = "validate";
    const auto result = run(request);
    EXPECT_THAT(result.compile_output.value_or(""),
                HasSubstr("main.sql: ERROR:  syntax error at or near \"tabel\""))
        << told(result);
    EXPECT_THAT(result.compile_output.value_or(""), HasSubstr("LINE 2: create tabel t();\n               ^"));
    request.code = "selct 1;\n";
    EXPECT_THAT(run(request).compile_output.value_or(""), HasSubstr("LINE 1: selct 1;\n        ^"));
}

}  // namespace

}  // namespace singularity::services::genesis
