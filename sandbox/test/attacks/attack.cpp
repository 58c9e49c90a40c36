#include "sandbox/test/attacks/attack.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "sandbox/test/attacks/attacker/attack.hpp"

namespace singularity::sandbox::attacks {

namespace {

namespace fs = std::filesystem;

std::string word_of(Cause cause) {
    switch (cause) {
        case Cause::exited: return "exited";
        case Cause::signalled: return "signalled";
        case Cause::cpu_limit: return "ended: processor time";
        case Cause::wall_limit: return "ended: time";
        case Cause::memory_limit: return "ended: memory";
        case Cause::output_limit: return "ended: output";
        case Cause::cancelled: return "cancelled";
    }
    return {};
}

std::string said(const BoxRun& run) {
    return word_of(run.ending.cause) + ", code " + std::to_string(run.ending.exit_code) + ", signal " +
           std::to_string(run.ending.signal) + "\n" + run.out.substr(0, 500) + run.err.substr(0, 500);
}

Attack row(std::string name, Attempt attempt, std::string layers, std::string result,
           std::function<void(const BoxRun&)> check) {
    const auto in_box = [attempt, check] {
        const BoxRun run = stage().attack(attempt.line, attempt.limits, attempt.space);
        SCOPED_TRACE(said(run));
        check(run);
        stage().expect_unharmed(run);
    };
    return {.category = {},
            .name = std::move(name),
            .layers = std::move(layers),
            .result = std::move(result),
            .in_box = in_box,
            .bare = [attempt] { expect_works_bare(attempt); }};
}

bool holds(int capability) {
    std::ifstream status("/proc/self/status");
    unsigned long long effective = 0;
    for (std::string word; status >> word;)
        if (word == "CapEff:") status >> std::hex >> effective;
    return (effective >> capability & 1) != 0;
}

// A copy that others may run, and one that makes whoever runs it root.
std::string attacker_in(const std::string& folder, mode_t mode) {
    const std::string path = folder + "/" + (mode == 0755 ? "attacker" : "setuid-attacker");
    fs::copy_file(attacker_path(), path, fs::copy_options::skip_existing);
    chmod(path.c_str(), mode);
    return path;
}

}  // namespace

Attack refused(std::string name, Attempt attempt, std::string errors, std::string layers) {
    return row(std::move(name), std::move(attempt), std::move(layers), errors, [errors](const BoxRun& run) {
        EXPECT_EQ(run.ending.cause, Cause::exited);
        EXPECT_EQ(run.ending.exit_code, attacker::kDenied);
        EXPECT_THAT(run.out, testing::ContainsRegex(": (" + errors + ")\n"));
    });
}

Attack ended(std::string name, Attempt attempt, Cause cause, std::string layers) {
    return row(std::move(name), std::move(attempt), std::move(layers), word_of(cause),
               [cause](const BoxRun& run) {
                   const bool of_a_sum = cause == Cause::memory_limit || cause == Cause::cpu_limit;
                   if (of_a_sum && run.ending.tier == Tier::rlimits)
                       GTEST_SKIP() << "no cgroup counts what processes use";
                   EXPECT_EQ(run.ending.cause, cause);
               });
}

Attack signalled(std::string name, Attempt attempt, int signal, std::string layers) {
    const std::string result = std::string("SIG") + sigabbrev_np(signal);
    return row(std::move(name), std::move(attempt), std::move(layers), result, [signal](const BoxRun& run) {
        if (run.ending.exit_code == attacker::kDenied && run.out.contains("no door"))
            GTEST_SKIP() << "this kernel has no such thing: " << run.out;
        EXPECT_EQ(run.ending.cause, Cause::signalled);
        EXPECT_EQ(run.ending.signal, signal);
    });
}

std::vector<std::string> bare_words(const std::string& line, const Targets& targets) {
    // Below a folder of its own, since a build's may be closed to others.
    static const struct Programs {
        std::string folder;
        Programs() {
            std::string name = (fs::temp_directory_path() / "attackers-XXXXXX").string();
            folder = mkdtemp(name.data());
            chmod(folder.c_str(), 0755);
        }
        ~Programs() { fs::remove_all(folder); }
    } programs;
    std::string text = line;
    const std::string privileged = "{setuid-attacker}";
    if (const auto at = text.find(privileged); at != std::string::npos)
        text.replace(at, privileged.size(), attacker_in(programs.folder, 04755));
    auto words = targets.expand(text);
    if (words.front()[0] != '/') words.insert(words.begin(), attacker_in(programs.folder, 0755));
    return words;
}

void expect_works_bare(const Attempt& attempt) {
    if (attempt.needs >= 0 && !holds(attempt.needs)) GTEST_SKIP() << "not even we may do this here";
    Targets targets;
    const BareFolder folder;
    const BareRun run =
        folder.run(bare_words(attempt.bare.empty() ? attempt.line : attempt.bare, targets), attempt.ground);
    if (run.code == -1) GTEST_SKIP() << "no cgroup to hold a bare attack";
    static const std::regex absent(
        ": (ENOSYS|EAFNOSUPPORT|EPROTONOSUPPORT|ESOCKTNOSUPPORT)\n|name_to_handle_at: EOPNOTSUPP\n");
    if (run.code == attacker::kDenied && std::regex_search(run.out, absent))
        GTEST_SKIP() << "this kernel, or file system, has no such thing: " << run.out;
    EXPECT_EQ(run.code, attempt.bare_code) << run.out.substr(0, 500);
}

std::vector<Attack> in_category(std::string category, std::vector<Attack> attacks) {
    for (Attack& attack : attacks) attack.category = category;
    return attacks;
}

std::vector<Attack> slowly(std::vector<Attack> attacks) {
    for (Attack& attack : attacks) attack.slow = true;
    return attacks;
}

std::vector<Attack> all_attacks() {
    std::vector<Attack> all;
    for (auto* category : {file_attacks, device_attacks, kernel_attacks, network_attacks, namespace_attacks,
                           process_attacks, secret_attacks, shared_attacks, bomb_attacks, disk_attacks,
                           compiler_attacks, artifact_attacks, tenant_attacks, survival_attacks})
        std::ranges::move(category(), std::back_inserter(all));
    return all;
}

std::string attack_table() {
    std::string table = "| category | attack | stopped by | result |\n|---|---|---|---|\n";
    for (const Attack& attack : all_attacks())
        table += "| " + attack.category + " | " + attack.name + " | " + attack.layers + " | " +
                 attack.result + " |\n";
    return table;
}

}  // namespace singularity::sandbox::attacks
