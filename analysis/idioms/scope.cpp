// Scoped resource: what is acquired is released by leaving a scope, on every path.

#include "analysis/idioms/scope.hpp"

#include <algorithm>
#include <array>

namespace singularity::analysis {

bool is_release_name(std::string_view name) {
    constexpr std::array<std::string_view, 22> kVerbs = {
        "close",    "release", "unlock",   "free",       "destroy",   "stop",     "join",   "shutdown",
        "reset",    "cancel",  "clear",    "detach",     "delete",    "dispose",  "finish", "cleanup",
        "teardown", "restore", "rollback", "disconnect", "terminate", "uninstall"};
    while (name.starts_with('_')) name.remove_prefix(1);
    return std::ranges::any_of(kVerbs, [&](std::string_view verb) {
        const auto lower = [](unsigned char c) { return std::tolower(c); };
        if (name.size() < verb.size()) return false;
        const bool begins = std::ranges::equal(name.substr(0, verb.size()), verb, {}, lower);
        const std::string_view tail = name.substr(name.size() - verb.size());
        return begins || std::ranges::equal(tail, verb, {}, lower);
    });
}

void find_scope(const Function& function, Findings& findings) {
    if (function.language() == Language::python) {
        find_with(function, findings);
        find_try_finally(function, findings);
        find_context_manager(function, findings);
    } else {
        find_guard_object(function, findings);
        find_destructor(function, findings);
    }
}

}  // namespace singularity::analysis
