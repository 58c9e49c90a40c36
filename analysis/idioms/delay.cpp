// Which calls wait, and what a timer waits for. delay_amount.cpp reads how the amount changes.

#include <algorithm>
#include <array>

#include "analysis/idioms/delay.hpp"
#include "analysis/idioms/delay_amount.hpp"

namespace singularity::analysis {
namespace {

// Waiting has no syntax of its own: here names decide, and the structure around them does the rest.
constexpr std::array<std::string_view, 9> kSleeps = {
    "sleep", "sleep_for", "sleep_until", "usleep", "nanosleep", "msleep", "delay", "pause", "async_sleep"};

bool receiver_is(const Code& code, NodeId call, std::initializer_list<std::string_view> words) {
    const std::string_view text = code.text(receiver(code, call));
    return std::ranges::any_of(words, [&](std::string_view word) { return contains_word(text, word); });
}

// Its name says so, it is declared as one, or it is set like one: `pause.expires_after(delay)`.
bool is_timer(const Function& function, NodeId object) {
    const Code& code = function.code();
    if (contains_word(code.text(object), "timer")) return true;
    const Local* local = function.local(code.text(core(code, object)));
    const NodeId declaration = local ? local->declaration : kNoNode;
    if (contains_word(code.text(child(code, declaration, Role::type)), "timer")) return true;
    for (const NodeId id : Within(code, function.body()))
        if (callee(code, id).starts_with("expires_") && same_expression(code, receiver(code, id), object))
            return true;
    return false;
}

bool is_delay(const Function& function, NodeId call) {
    const Code& code = function.code();
    const std::string_view name = callee(code, call);
    if (std::ranges::contains(kSleeps, name) || name.ends_with("_sleep")) return true;
    if (name == "wait_for" || name == "wait_until")
        return code.language() == Language::cpp && arguments(code, call).size() >= 2;
    if (name != "async_wait" && name != "wait") return false;
    if (receiver_is(code, call, {"backoff"}) || is_timer(function, receiver(code, call))) return true;
    return name == "wait" && !arguments(code, call).empty() &&
           receiver_is(code, call, {"event", "stop", "shutdown", "exit", "cond"});
}

// What a timer waits for was said before, when it was set or made.
void read_timer(const Code& code, NodeId loop, NodeId wait, AmountReader& reader) {
    const std::string_view timer = single_name(code, receiver(code, wait));
    for (const NodeId id : Within(code, loop)) {
        const std::string_view name = callee(code, id);
        if (name.starts_with("expires_"))
            for (const NodeId argument : arguments(code, id)) reader.read(argument);
        if (code[id].kind == Kind::init_declarator &&
            single_name(code, child(code, id, Role::declarator)) == timer)
            reader.read(child(code, id, Role::value));
    }
}

}  // namespace

std::string_view name(Growth growth) {
    constexpr std::array<std::string_view, 5> kNames = {"fixed", "linear", "exponential", "listed",
                                                        "computed"};
    return kNames[static_cast<std::size_t>(growth)];
}

std::optional<Delay> find_delay(const Function& function, NodeId loop, const std::vector<NodeId>& elsewhere) {
    const Code& code = function.code();
    for (const NodeId id : Within(code, loop)) {
        if (code[id].kind != Kind::call || enclosing(code, id, kLoops) != loop || !is_delay(function, id))
            continue;
        if (std::ranges::any_of(elsewhere, [&](NodeId outside) { return is_inside(code, id, outside); }))
            continue;
        AmountReader reader(code, loop);
        const std::string_view name = callee(code, id);
        auto amounts = arguments(code, id);
        if (name.starts_with("wait_") && !amounts.empty()) amounts.erase(amounts.begin());  // the lock
        if (name == "async_wait" || name == "wait") read_timer(code, loop, id, reader);
        for (const NodeId amount : amounts) reader.read(amount);
        if (receiver_is(code, id, {"backoff"})) return Delay{id, Growth::computed, reader.jitter(), false};
        return Delay{id, reader.growth(), reader.jitter(), code.kind(code[id].parent) == Kind::await};
    }
    return std::nullopt;
}

}  // namespace singularity::analysis
