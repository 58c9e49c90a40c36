#include "services/genesis/languages/table.hpp"

#include <gmock/gmock.h>

#include <set>

namespace singularity::services::genesis {

namespace {

TEST(languages, are_found_by_name_and_alias_in_any_case) {
    const auto languages = all_languages("/runtimes");
    for (const auto& [asked, name] :
         std::initializer_list<std::pair<const char*, const char*>>{{"python", "python"},
                                                                    {"py", "python"},
                                                                    {"JS", "javascript"},
                                                                    {"ts", "typescript"},
                                                                    {"C++", "cpp"},
                                                                    {"c", "c"},
                                                                    {"golang", "go"},
                                                                    {"sh", "bash"},
                                                                    {"rs", "rust"},
                                                                    {"Elixir", "elixir"},
                                                                    {"postgresql", "sql"}}) {
        ASSERT_NE(languages.find(asked), nullptr) << asked;
        EXPECT_EQ(languages.find(asked)->name, name);
        EXPECT_EQ(languages.own_name(asked), name);
    }
    EXPECT_EQ(languages.own_name("COBOL"), "COBOL");
    EXPECT_EQ(languages.find("cobol"), nullptr);
    EXPECT_EQ(languages.find(""), nullptr);
    EXPECT_EQ(languages.names(), "bash, c, cpp, elixir, go, javascript, python, rust, sql, typescript");
}

TEST(languages, share_no_name) {
    const auto languages = all_languages("/runtimes");
    std::set<std::string> names;
    for (const Language& language : languages) {
        EXPECT_TRUE(names.insert(language.name).second) << language.name;
        for (const std::string& alias : language.aliases) EXPECT_TRUE(names.insert(alias).second) << alias;
    }
}

TEST(languages, start_programs_by_their_path_and_name_who_brings_them) {
    const auto languages = all_languages("/runtimes");
    for (const Language& language : languages) {
        for (const Step* step : {&language.run, &language.validate, &language.lint}) {
            EXPECT_TRUE(step->arguments.front().starts_with('/')) << language.name;
        }
        ASSERT_FALSE(language.needs.empty()) << language.name;
        for (const Need& need : language.needs) EXPECT_FALSE(need.package.empty()) << language.name;
    }
}

TEST(languages, tell_what_is_missing) {
    Language language;
    language.needs = {{"/proc/self", "kernel"}};
    Step step;
    EXPECT_EQ(missing_need(language, step), nullptr);
    step.needs = {{"/nothing/here", "nobody"}};
    ASSERT_NE(missing_need(language, step), nullptr);
    EXPECT_EQ(missing_need(language, step)->package, "nobody");
}

TEST(languages, mount_what_lies_outside_of_usr) {
    const auto languages = all_languages("/runtimes");
    const Language& go = *languages.find("go");
    EXPECT_TRUE(mounts_of(go, {&go.run}).empty());
    const auto mounts = mounts_of(go, {&*go.compile, &go.run});
    ASSERT_EQ(mounts.size(), 1U);
    EXPECT_EQ(mounts[0].source, "/runtimes/go-cache");
    EXPECT_EQ(mounts[0].destination, "/opt/go-cache");
    std::vector<std::string> all;
    for (const auto& mount : all_mounts(languages)) all.push_back(mount.destination);
    EXPECT_THAT(all, testing::UnorderedElementsAre("/opt/go-cache", "/opt/typescript", "/opt/postgresql"));
}

}  // namespace

}  // namespace singularity::services::genesis
