// Runs every attack twice, in a box and bare.
//
//     sandbox_attacks_test [--sample] [--document]      beside what GoogleTest takes
//
// --sample leaves out the slow ones; --document prints the table of docs/sandbox-attacks.md and ends.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string_view>

#include "sandbox/test/attacks/attack.hpp"

namespace {

using namespace singularity::sandbox::attacks;

class Try : public testing::Test {
public:
    explicit Try(std::function<void()> body) : body_(std::move(body)) {}
    void TestBody() override { body_(); }

private:
    std::function<void()> body_;
};

void register_test(const std::string& suite, const std::string& name, std::function<void()> body) {
    testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [body = std::move(body)]() -> testing::Test* { return new Try(body); });
}

std::string suite_of(const std::string& kind, std::string category) {
    std::ranges::replace(category, ' ', '_');
    return kind + "_" + category;
}

TEST(attacks, are_told_in_the_documentation) {
    std::ifstream file(ATTACKS_DOCUMENT);
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    EXPECT_NE(page.find(attack_table()), std::string::npos)
        << "put what `sandbox_attacks_test --document` prints into docs/sandbox-attacks.md";
}

bool given(int count, char** words, std::string_view option) {
    return std::find(words, words + count, option) != words + count;
}

}  // namespace

int main(int count, char** words) {
    if (given(count, words, "--document")) {
        std::fputs(attack_table().c_str(), stdout);
        return 0;
    }
    testing::InitGoogleTest(&count, words);
    const bool sample = given(count, words, "--sample");
    for (const Attack& attack : all_attacks()) {
        if (sample && attack.slow) continue;
        register_test(suite_of("box", attack.category), attack.name, attack.in_box);
        register_test(suite_of("bare", attack.category), attack.name, attack.bare);
    }
    set_stage();
    return RUN_ALL_TESTS();
}
