// Scoped resource: what is acquired is released by leaving a scope, on every path.

#include "analysis/idioms/scope.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

namespace singularity::analysis {

namespace {

// Whether one of the words begins or ends the name, in any case: "closeSession", "block_start".
bool begins_or_ends(std::string_view name, std::span<const std::string_view> words) {
    while (name.starts_with('_')) name.remove_prefix(1);
    const auto lower = [](unsigned char c) { return std::tolower(c); };
    return std::ranges::any_of(words, [&](std::string_view word) {
        if (name.size() < word.size()) return false;
        const std::string_view tail = name.substr(name.size() - word.size());
        return std::ranges::equal(name.substr(0, word.size()), word, {}, lower) ||
               std::ranges::equal(tail, word, {}, lower);
    });
}

}  // namespace

bool is_acquire_name(std::string_view name) {
    constexpr std::array<std::string_view, 15> kVerbs = {
        "acquire", "lock",    "open", "start",   "begin",  "enter",  "setup",    "connect",
        "mount",   "install", "push", "reserve", "attach", "enable", "subscribe"};
    return begins_or_ends(name, kVerbs) && !is_release_name(name);
}

bool is_release_name(std::string_view name) {
    constexpr std::array<std::string_view, 26> kVerbs = {
        "close",    "release",    "unlock",    "free",        "destroy", "stop",     "join",
        "shutdown", "reset",      "cancel",    "clear",       "detach",  "delete",   "dispose",
        "finish",   "cleanup",    "teardown",  "restore",     "pop",     "rollback", "terminate",
        "unmount",  "disconnect", "uninstall", "unsubscribe", "disable"};
    return begins_or_ends(name, kVerbs);
}

void find_scope(const Function& function, Findings& findings) {
    if (function.language() == Language::python) {
        find_context_manager(function, findings);
        find_with(function, findings);
        find_try_finally(function, findings);
    } else {
        find_guard_object(function, findings);
        find_destructor(function, findings);
    }
}

}  // namespace singularity::analysis
