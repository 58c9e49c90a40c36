// tree-sitter behind owners: one parser a thread and language, one limit on the time of a file.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include <tree_sitter/api.h>

#include "analysis/syntax/grammar.hpp"

namespace singularity::analysis {

// Far above what a real file of kMaxFileBytes takes (about 0.2 s), so that only a hostile one meets it.
inline constexpr std::chrono::microseconds kParseLimit = std::chrono::seconds(3);

struct ParserDeleter {
    void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};
struct TreeDeleter {
    void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
using ParserHandle = std::unique_ptr<TSParser, ParserDeleter>;
using TreeHandle = std::unique_ptr<TSTree, TreeDeleter>;

class TreeCursor {
public:
    explicit TreeCursor(const TSTree& tree) : cursor_(ts_tree_cursor_new(ts_tree_root_node(&tree))) {}
    ~TreeCursor() { ts_tree_cursor_delete(&cursor_); }
    TreeCursor(const TreeCursor&) = delete;
    TreeCursor& operator=(const TreeCursor&) = delete;

    TSNode node() const { return ts_tree_cursor_current_node(&cursor_); }
    TSFieldId field() const { return ts_tree_cursor_current_field_id(&cursor_); }
    bool to_first_child() { return ts_tree_cursor_goto_first_child(&cursor_); }
    bool to_next_sibling() { return ts_tree_cursor_goto_next_sibling(&cursor_); }
    bool to_parent() { return ts_tree_cursor_goto_parent(&cursor_); }

private:
    TSTreeCursor cursor_;
};

// Null when the limit was reached. Uses a parser that the calling thread keeps.
TreeHandle parse(std::string_view text, const Grammar& grammar,
                 std::chrono::microseconds limit = kParseLimit);

}  // namespace singularity::analysis
