// A file's syntax tree in our words, laid out in preorder: a subtree is the run [node, past).
//
// Built in one pass over tree-sitter's tree, which is then released. Comments and tokens are left out;
// an operator token is kept on its parent. Everything that reads a Code loops over runs of nodes, so
// that no depth of nesting can overflow the stack.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "analysis/language.hpp"
#include "analysis/syntax/kind.hpp"

namespace singularity::analysis {

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = std::numeric_limits<NodeId>::max();

// What is nested deeper is cut off, and the function around it counts as broken.
inline constexpr int kMaxDepth = 500;

struct Node {
    Kind kind = Kind::other;
    Role role = Role::none;
    Operator op = Operator::none;
    bool broken = false;                          // holds a syntax error, or something nested too deep
    bool is_async = false;                        // Python's async def, for, with
    std::uint32_t begin = 0, end = 0;             // bytes
    std::uint32_t first_line = 0, last_line = 0;  // from 1, both included
    NodeId parent = kNoNode;
    NodeId past = 0;  // behind the last descendant
};

class Code {
public:
    // `text` must outlive the result. Nothing when the parser's limit was reached.
    static std::optional<Code> read(std::string_view text, Language language);

    Language language() const { return language_; }
    NodeId size() const { return static_cast<NodeId>(nodes_.size()); }
    const Node& operator[](NodeId id) const { return nodes_[id]; }
    Kind kind(NodeId id) const { return id == kNoNode ? Kind::other : nodes_[id].kind; }
    std::string_view text(NodeId id) const {
        return id == kNoNode ? std::string_view()
                             : text_.substr(nodes_[id].begin, nodes_[id].end - nodes_[id].begin);
    }
    std::string_view text() const { return text_; }

private:
    Code(std::string_view text, Language language) : text_(text), language_(language) {}
    friend class CodeBuilder;

    std::string_view text_;
    Language language_;
    std::vector<Node> nodes_;
};

}  // namespace singularity::analysis
