#include "pgclient/migration_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace singularity::pgclient {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<Migration> kFiles{{1, "000001_a.sql", "create table a ()"},
                                    {2, "000002_b.sql", "create table b ()"},
                                    {3, "000003_c.sql", "-- migrate: transaction=off\nvacuum"}};

HistoryEntry entry_of(const Migration& file, MigrationState state = MigrationState::applied) {
    return {file.version, std::string(file.name), migration_checksum(file.text), state};
}

std::vector<int> versions(const core::Expected<std::vector<Migration>>& plan) {
    std::vector<int> numbers;
    for (const Migration& file : plan.value()) numbers.push_back(file.version);
    return numbers;
}

std::string refusal(std::span<const Migration> files, std::span<const HistoryEntry> history) {
    const auto plan = plan_migrations(files, history);
    return plan ? "" : plan.error().message;
}

TEST(MigrationPlan, an_empty_database_gets_every_file_in_order) {
    const std::vector<Migration> shuffled{kFiles[2], kFiles[0], kFiles[1]};
    EXPECT_THAT(versions(plan_migrations(shuffled, {})), ElementsAre(1, 2, 3));
}

TEST(MigrationPlan, what_was_applied_is_not_applied_again) {
    EXPECT_THAT(versions(plan_migrations(kFiles, std::vector{entry_of(kFiles[0]), entry_of(kFiles[1])})),
                ElementsAre(3));
    EXPECT_THAT(versions(plan_migrations(
                    kFiles, std::vector{entry_of(kFiles[0]), entry_of(kFiles[1]), entry_of(kFiles[2])})),
                IsEmpty());
}

TEST(MigrationPlan, a_changed_file_is_refused_by_name) {
    HistoryEntry before = entry_of(kFiles[0]);
    before.checksum = migration_checksum("create table a (x int)");
    EXPECT_THAT(refusal(kFiles, std::vector{before}),
                HasSubstr("000001_a.sql has changed since it was applied"));
}

TEST(MigrationPlan, a_renamed_file_is_refused_with_both_names) {
    HistoryEntry before = entry_of(kFiles[0]);
    before.name = "000001_z.sql";
    EXPECT_THAT(refusal(kFiles, std::vector{before}),
                HasSubstr("000001_a.sql was applied under the name 000001_z"));
}

TEST(MigrationPlan, a_missing_file_is_refused_by_name) {
    const std::vector<HistoryEntry> newer{entry_of(kFiles[0]), {9, "000009_z.sql", std::string(64, '0')}};
    EXPECT_THAT(refusal(kFiles, newer),
                HasSubstr("000009_z.sql was applied to this database, but this program"));
}

TEST(MigrationPlan, a_file_before_the_last_applied_one_is_refused) {
    EXPECT_THAT(refusal(kFiles, std::vector{entry_of(kFiles[0]), entry_of(kFiles[2])}),
                HasSubstr("000002_b.sql is older than what was already applied (version 3)"));
}

TEST(MigrationPlan, an_interrupted_file_runs_again_even_if_it_was_mended) {
    HistoryEntry interrupted = entry_of(kFiles[2], MigrationState::running);
    interrupted.checksum = migration_checksum("something else");
    EXPECT_THAT(
        versions(plan_migrations(kFiles, std::vector{entry_of(kFiles[0]), entry_of(kFiles[1]), interrupted})),
        ElementsAre(3));
}

TEST(MigrationPlan, files_that_contradict_each_other_are_refused) {
    EXPECT_THAT(refusal(std::vector<Migration>{{1, "000001_a.sql", ""}, {1, "000001_b.sql", ""}}, {}),
                HasSubstr("000001_a.sql and 000001_b.sql have the same version"));
    EXPECT_THAT(refusal(std::vector<Migration>{{0, "000000_a.sql", ""}}, {}),
                HasSubstr("versions count from 1"));
}

TEST(MigrationPlan, status_lists_files_and_history_together) {
    const auto status =
        migration_status(kFiles, std::vector{entry_of(kFiles[0]), HistoryEntry{9, "000009_z.sql"}});
    ASSERT_EQ(status.lines.size(), 4u);
    EXPECT_EQ(status.lines[0].state, MigrationState::applied);
    EXPECT_EQ(status.lines[1].state, MigrationState::pending);
    EXPECT_EQ(status.lines[3].name, "000009_z.sql");
    EXPECT_TRUE(status.refusal);
}

TEST(MigrationFile, directives_stand_at_the_head) {
    const auto directives = parse_directives(
        {1, "a",
         "-- About this file.\n\n-- migrate: role=central\r\n-- migrate: transaction=off\nselect 1;\n"});
    ASSERT_TRUE(directives);
    EXPECT_EQ(directives->role, "central");
    EXPECT_FALSE(directives->transaction);
    EXPECT_EQ(parse_directives({1, "a", "select 1;\n-- migrate: role=central"})->role, "");
}

TEST(MigrationFile, unknown_or_repeated_directives_are_refused) {
    for (const char* line : {"-- migrate: rule=central", "-- migrate: transaction=on",
                             "-- migrate: role=", "-- migrate: role=a;b",
                             "-- migrate:", "-- migrate: role=a\n-- migrate: role=b"}) {
        const auto directives = parse_directives({1, "000001_a.sql", line});
        ASSERT_FALSE(directives) << line;
        EXPECT_THAT(directives.error().message, HasSubstr("000001_a.sql: "));
    }
}

TEST(MigrationFile, a_file_in_a_transaction_may_not_end_it) {
    for (const char* text :
         {"select 1; commit; select 2", "Begin; select 1", "START transaction", "end", "rollback"}) {
        EXPECT_THAT(refusal(std::vector<Migration>{{1, "000001_a.sql", text}}, {}),
                    HasSubstr("would end the transaction"))
            << text;
    }
    EXPECT_EQ(
        refusal(std::vector<Migration>{{1, "a", "do $$ begin perform 1; end $$; create table commits ()"}},
                {}),
        "");
    EXPECT_EQ(refusal(std::vector<Migration>{{1, "a", "-- migrate: transaction=off\nbegin; commit"}}, {}),
              "");
}

TEST(MigrationFile, checksums_are_sha_256) {
    EXPECT_EQ(migration_checksum("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(MigrationFile, positions_in_characters_become_lines) {
    EXPECT_EQ(line_of("a\nb\nc", 1), 1);
    EXPECT_EQ(line_of("a\nb\nc", 3), 2);
    EXPECT_EQ(line_of("ää\nb", 4), 2) << "characters, not bytes";
    EXPECT_EQ(line_of("a\nb", 99), 2);
}

}  // namespace
}  // namespace singularity::pgclient
