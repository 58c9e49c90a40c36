// One row: what is tried in a box and what must come of it, and the same bare, where it must work.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/limits.hpp"
#include "sandbox/test/attacks/bare.hpp"
#include "sandbox/test/attacks/stage.hpp"

namespace singularity::sandbox::attacks {

struct Attack {
    std::string category, name;
    std::string layers;  // each of which stops it
    std::string result;  // what the attacker gets
    std::function<void()> in_box;
    std::function<void()> bare;
    bool slow = false;  // in `make soak` alone
};

// How a line of the attacker's is tried.
struct Attempt {
    std::string line;
    std::string bare{};  // the line outside, where it is another; its {names} are of targets of its own
    Ground ground = Ground::plain;
    Limits limits{};
    WorkspaceLimits space{};
    int needs = -1;      // a capability that it takes outside, and that a machine may keep even from root
    int bare_code = 40;  // what the line ends with outside: attacker::kGot, or a signal that tells as much
};

// The attacker is told no, with an error that the pattern "EPERM|ENOSYS" matches.
Attack refused(std::string name, Attempt attempt, std::string errors, std::string layers);
// The run is ended for a cause.
Attack ended(std::string name, Attempt attempt, Cause cause, std::string layers);
// A signal ends the attacker.
Attack signalled(std::string name, Attempt attempt, int signal, std::string layers);

// Bare, the line gets what it wants. Skips where the kernel has no such thing, or bare attacks cannot be
// held.
void expect_works_bare(const Attempt& attempt);
// The words of a line for a bare run.
std::vector<std::string> bare_words(const std::string& line, const Targets& targets);

std::vector<Attack> in_category(std::string category, std::vector<Attack> attacks);
std::vector<Attack> slowly(std::vector<Attack> attacks);

std::vector<Attack> file_attacks();
std::vector<Attack> device_attacks();
std::vector<Attack> kernel_attacks();
std::vector<Attack> network_attacks();
std::vector<Attack> namespace_attacks();
std::vector<Attack> process_attacks();
std::vector<Attack> secret_attacks();
std::vector<Attack> shared_attacks();
std::vector<Attack> bomb_attacks();
std::vector<Attack> disk_attacks();
std::vector<Attack> compiler_attacks();
std::vector<Attack> artifact_attacks();
std::vector<Attack> tenant_attacks();
std::vector<Attack> survival_attacks();

std::vector<Attack> all_attacks();
// The rows of docs/sandbox-attacks.md.
std::string attack_table();

}  // namespace singularity::sandbox::attacks
