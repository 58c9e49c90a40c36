// The questions that idioms ask of a syntax tree.
//
// "Within" always means: inside the same function; nested functions, lambdas and classes are passed
// over, because their statements run at another time. All functions accept kNoNode and answer "no".
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/syntax/code.hpp"

namespace singularity::analysis {

// A set of kinds, small enough to be passed by value: KindSet{Kind::return_, Kind::raise}.
class KindSet {
public:
    constexpr KindSet(std::initializer_list<Kind> kinds) {
        for (const Kind kind : kinds) (index(kind) < 64 ? low_ : high_) |= bit(kind);
    }
    constexpr bool contains(Kind kind) const { return ((index(kind) < 64 ? low_ : high_) & bit(kind)) != 0; }

private:
    static constexpr unsigned index(Kind kind) { return static_cast<unsigned>(kind); }
    static constexpr std::uint64_t bit(Kind kind) { return std::uint64_t{1} << (index(kind) % 64); }
    std::uint64_t low_ = 0, high_ = 0;
};

inline constexpr KindSet kLoops{Kind::for_counted, Kind::for_each, Kind::while_, Kind::do_while};
inline constexpr KindSet kScopes{Kind::function, Kind::lambda, Kind::class_};
inline constexpr KindSet kLeaving{Kind::return_, Kind::raise, Kind::break_, Kind::continue_};

// The children of a node: for (const NodeId child : Children(code, node)).
class Children {
public:
    Children(const Code& code, NodeId node)
        : code_(&code),
          first_(node == kNoNode ? 0 : node + 1),
          past_(node == kNoNode ? 0 : code[node].past) {}
    struct Iterator {
        const Code* code;
        NodeId id;
        NodeId operator*() const { return id; }
        Iterator& operator++() {
            id = (*code)[id].past;
            return *this;
        }
        bool operator==(const Iterator& other) const { return id == other.id; }
    };
    Iterator begin() const { return {code_, first_}; }
    Iterator end() const { return {code_, past_}; }

private:
    const Code* code_;
    NodeId first_, past_;
};

// A node and its descendants within the same function, in order of the source.
class Within {
public:
    Within(const Code& code, NodeId node)
        : code_(&code), first_(node == kNoNode ? 0 : node), past_(node == kNoNode ? 0 : code[node].past) {}
    struct Iterator {
        const Code* code;
        NodeId id, root;
        NodeId operator*() const { return id; }
        Iterator& operator++() {
            const Node& node = (*code)[id];
            id = id != root && kScopes.contains(node.kind) ? node.past : id + 1;
            return *this;
        }
        bool operator==(const Iterator& other) const { return id == other.id; }
    };
    Iterator begin() const { return {code_, first_, first_}; }
    Iterator end() const { return {code_, past_, first_}; }

private:
    const Code* code_;
    NodeId first_, past_;
};

// Structure
NodeId child(const Code& code, NodeId node, Role role);
NodeId child(const Code& code, NodeId node, Kind kind);
NodeId last_child(const Code& code, NodeId node);
NodeId first_within(const Code& code, NodeId node, KindSet kinds);
bool has_within(const Code& code, NodeId node, KindSet kinds);
bool is_inside(const Code& code, NodeId inner, NodeId outer);    // true of a node and itself
NodeId enclosing(const Code& code, NodeId node, KindSet kinds);  // stops at the function's border
NodeId previous_sibling(const Code& code, NodeId node);
NodeId next_sibling(const Code& code, NodeId node);
NodeId statement_of(const Code& code, NodeId node);  // the statement of a block that holds the node
std::vector<NodeId> statements(const Code& code, NodeId body);  // of a block, or the one statement itself

// Expressions
NodeId core(const Code& code, NodeId node);  // without parentheses, await, condition and statement around it
NodeId operand_of_not(const Code& code, NodeId node);  // x of `!x`, `not x`
std::string compact(const Code& code,
                    NodeId node);  // the text without white space, `this->` and `self.x` as written
bool same_expression(const Code& code, NodeId left, NodeId right);
bool is_variable(const Code& code, NodeId node);  // an identifier that is no field's or keyword's name
bool mentions(const Code& code, NodeId node, std::string_view name);  // such a variable, lambdas included
bool is_constant(const Code& code, NodeId node);                      // a literal, or nothing at all

// Whether a name holds a lower-case word, in any case: "workQueue" and "queue".
bool contains_word(std::string_view name, std::string_view word);

// Calls
std::string_view callee(const Code& code, NodeId call);  // the last name: "sleep_for"
NodeId receiver(const Code& code, NodeId call);          // queue of queue.get(), kNoNode for a free function
std::vector<NodeId> arguments(const Code& code, NodeId call);
bool holds_call(const Code& code, NodeId node);  // within
NodeId called(const Code& code, NodeId node);    // the call that an expression's core is, or kNoNode

// Control
bool always_leaves(const Code& code, NodeId body);  // its last statement leaves, on every branch
bool is_endless(const Code& code, NodeId loop);     // while True, for (;;)

}  // namespace singularity::analysis
