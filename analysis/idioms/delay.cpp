#include "analysis/idioms/delay.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace singularity::analysis {
namespace {

// Waiting has no syntax of its own: here names decide, and the structure around them does the rest.
constexpr std::array<std::string_view, 9> kSleeps = {
    "sleep", "sleep_for", "sleep_until", "usleep", "nanosleep", "msleep", "delay", "pause", "async_sleep"};
constexpr std::array<std::string_view, 5> kRandom = {"random", "uniform", "randint", "rand", "jitter"};

bool receiver_is(const Code& code, NodeId call, std::initializer_list<std::string_view> words) {
    const std::string_view text = code.text(receiver(code, call));
    return std::ranges::any_of(words, [&](std::string_view word) { return contains_word(text, word); });
}

bool is_delay(const Code& code, NodeId call) {
    const std::string_view name = callee(code, call);
    if (std::ranges::contains(kSleeps, name) || name.ends_with("_sleep")) return true;
    if (name == "async_wait") return receiver_is(code, call, {"timer", "backoff"});
    if (name == "wait_for" || name == "wait_until")
        return code.language() == Language::cpp && arguments(code, call).size() >= 2;
    if (name != "wait") return false;
    if (receiver_is(code, call, {"backoff", "timer"})) return true;
    return !arguments(code, call).empty() &&
           receiver_is(code, call, {"event", "stop", "shutdown", "exit", "cond"});
}

struct Change {
    NodeId target, value;
    bool multiplies, adds;
};

bool has_operator(const Code& code, NodeId node, std::initializer_list<Operator> operators,
                  const std::vector<std::string_view>& varying) {
    for (const NodeId id : Within(code, node)) {
        if (code[id].kind != Kind::binary || !std::ranges::contains(operators, code[id].op)) continue;
        if (std::ranges::any_of(varying, [&](std::string_view each) { return mentions(code, id, each); }))
            return true;
    }
    return false;
}

// Every assignment in the loop: `delay *= 2`, `delay = min(delay * 2, cap)`, `auto delay = next()`.
std::vector<Change> changes(const Code& code, NodeId loop) {
    std::vector<Change> result;
    for (const NodeId id : Within(code, loop)) {
        const Kind kind = code[id].kind;
        if (kind == Kind::assign || kind == Kind::augment) {
            NodeId target = child(code, id, Role::left);
            if (target == kNoNode) target = child(code, id, Role::object);
            const Operator op = kind == Kind::augment ? code[id].op : Operator::none;
            const bool grows =
                op == Operator::multiply || op == Operator::shift_left || op == Operator::power;
            result.push_back({target, child(code, id, Role::right), grows, op == Operator::add});
        } else if (kind == Kind::init_declarator) {
            result.push_back({child(code, id, Role::declarator), child(code, id, Role::value), false, false});
        }
    }
    return result;
}

std::string_view variable(const Code& code, NodeId node) {
    const auto names = bound_names(code, node);
    return names.size() == 1 ? code.text(names.front()) : std::string_view();
}

// Collects what makes the amount: the expression itself and what its variables are made from in the loop.
class AmountReader {
public:
    AmountReader(const Code& code, NodeId loop)
        : code_(code), loop_(loop), varying_(varying_names(code, loop)), changes_(changes(code, loop)) {}

    void read(NodeId amount, int depth = 0) {
        note_operators(amount);
        note_calls(amount);
        for (const NodeId id : Within(code_, amount)) {
            if (!is_variable(code_, id)) continue;
            note_variable(code_.text(id));
            if (depth < 2) follow(code_.text(id), depth);
        }
    }

    Growth growth() const {
        return exponential_ ? Growth::exponential
               : listed_    ? Growth::listed
               : linear_    ? Growth::linear
               : computed_  ? Growth::computed
                            : Growth::fixed;
    }
    bool jitter() const { return jitter_; }

private:
    void note_operators(NodeId amount) {
        if (has_operator(code_, amount, {Operator::power, Operator::shift_left}, varying_))
            exponential_ = true;
        if (has_operator(code_, amount, {Operator::multiply, Operator::add}, varying_)) linear_ = true;
    }

    void note_calls(NodeId amount) {
        for (const NodeId id : Within(code_, amount)) {
            if (code_[id].kind != Kind::call) continue;
            const std::string_view name = callee(code_, id);
            if (name == "pow" || name == "ldexp" || name == "exp2") exponential_ = true;
            for (const std::string_view word : kRandom)
                if (contains_word(name, word)) jitter_ = true;
            for (const std::string_view word : {"backoff", "delay"})
                if (contains_word(code_.text(child(code_, id, Role::callee)), word)) computed_ = true;
        }
    }

    void note_variable(std::string_view name) {
        const NodeId target =
            child(code_, loop_, code_.language() == Language::cpp ? Role::declarator : Role::left);
        if (code_[loop_].kind == Kind::for_each && variable(code_, target) == name) {
            const bool counted = callee(code_, called(code_, child(code_, loop_, Role::right))) == "range";
            (counted ? linear_ : listed_) = true;
        } else if (std::ranges::contains(varying_, name)) {
            linear_ = true;
        }
    }

    void follow(std::string_view name, int depth) {
        for (const Change& each : changes_) {
            if (variable(code_, each.target) != name) continue;
            if (each.multiplies) exponential_ = true;
            if (each.adds) linear_ = true;
            if (mentions(code_, each.value, name)) {
                if (has_operator(code_, each.value, {Operator::multiply, Operator::shift_left}, {name}))
                    exponential_ = true;
                if (has_operator(code_, each.value, {Operator::add}, {name})) linear_ = true;
                note_calls(each.value);
            } else if (each.value != kNoNode) {
                read(each.value, depth + 1);
            }
        }
    }

    const Code& code_;
    NodeId loop_;
    std::vector<std::string_view> varying_;
    std::vector<Change> changes_;
    bool exponential_ = false, linear_ = false, listed_ = false, computed_ = false, jitter_ = false;
};

// What a timer waits for was said before, when it was set or made.
void read_timer(const Code& code, NodeId loop, NodeId wait, AmountReader& reader) {
    const std::string_view timer = variable(code, receiver(code, wait));
    for (const NodeId id : Within(code, loop)) {
        const std::string_view name = callee(code, id);
        if (name.starts_with("expires_"))
            for (const NodeId argument : arguments(code, id)) reader.read(argument);
        if (code[id].kind == Kind::init_declarator &&
            variable(code, child(code, id, Role::declarator)) == timer)
            reader.read(child(code, id, Role::value));
    }
}

}  // namespace

std::string_view name(Growth growth) {
    constexpr std::array<std::string_view, 5> kNames = {"fixed", "linear", "exponential", "listed",
                                                        "computed"};
    return kNames[static_cast<std::size_t>(growth)];
}

std::vector<std::string_view> varying_names(const Code& code, NodeId loop) {
    std::vector<std::string_view> result;
    if (code.kind(loop) == Kind::for_each)
        for (const NodeId name : bound_names(code, child(code, loop, Role::left)))
            result.push_back(code.text(name));
    for (const NodeId id : Within(code, loop)) {
        if (code[id].kind != Kind::augment) continue;
        const NodeId left = child(code, id, Role::left);
        const std::string_view name = variable(code, left != kNoNode ? left : child(code, id, Role::object));
        if (!name.empty()) result.push_back(name);
    }
    return result;
}

std::optional<Delay> find_delay(const Function& function, NodeId loop, const std::vector<NodeId>& elsewhere) {
    const Code& code = function.code();
    for (const NodeId id : Within(code, loop)) {
        if (code[id].kind != Kind::call || !is_delay(code, id) || enclosing(code, id, kLoops) != loop)
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
