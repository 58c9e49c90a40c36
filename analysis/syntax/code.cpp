#include "analysis/syntax/code.hpp"

#include "analysis/syntax/parser.hpp"

namespace singularity::analysis {

// Walks tree-sitter's tree with a cursor and appends the named nodes that are not extras.
class CodeBuilder {
public:
    CodeBuilder(Code& code, const Grammar& grammar) : nodes_(code.nodes_), grammar_(grammar) {}

    void build(const TSTree& tree) {
        TreeCursor cursor(tree);
        for (;;) {
            const bool kept = visit(cursor);
            if (kept && cursor.to_first_child()) {
                ++depth_;
                parent_ = open_;
                continue;
            }
            if (kept) close(open_);
            while (!cursor.to_next_sibling()) {
                if (!cursor.to_parent()) return;
                --depth_;
                close(parent_);
                parent_ = nodes_[parent_].parent;
            }
        }
    }

private:
    // True when the cursor's node was appended, as open_, and may be entered.
    bool visit(const TreeCursor& cursor) {
        const TSNode source = cursor.node();
        const TSSymbol symbol = ts_node_symbol(source);
        if (!ts_node_is_named(source)) {
            note_token(symbol);
            return false;
        }
        if (ts_node_is_extra(source) && !ts_node_is_error(source)) return false;
        if (depth_ > kMaxDepth) {
            mark_broken();
            return false;
        }
        append(source, symbol, cursor.field());
        return true;
    }

    void append(const TSNode& source, TSSymbol symbol, TSFieldId field) {
        open_ = static_cast<NodeId>(nodes_.size());
        Node& node = nodes_.emplace_back();
        // ERROR has the largest symbol number, outside the table.
        node.kind = symbol < grammar_.kinds.size() ? grammar_.kinds[symbol] : Kind::error;
        if (ts_node_is_missing(source)) node.kind = Kind::error;
        node.role = grammar_.roles[field];
        node.broken = ts_node_has_error(source);
        node.begin = ts_node_start_byte(source);
        node.end = ts_node_end_byte(source);
        node.first_line = ts_node_start_point(source).row + 1;
        node.last_line = ts_node_end_point(source).row + 1;
        node.parent = parent_;
    }

    void note_token(TSSymbol symbol) {
        if (parent_ == kNoNode || symbol >= grammar_.operators.size()) return;
        Node& parent = nodes_[parent_];
        if (symbol == grammar_.async_token && symbol != 0) parent.is_async = true;
        if (parent.op == Operator::none) parent.op = grammar_.operators[symbol];
    }

    void mark_broken() {
        for (NodeId id = parent_; id != kNoNode && !nodes_[id].broken; id = nodes_[id].parent)
            nodes_[id].broken = true;
    }

    void close(NodeId id) {
        Node& node = nodes_[id];
        node.past = static_cast<NodeId>(nodes_.size());
        const bool compound =
            node.kind == Kind::assign && node.op != Operator::assign && node.op != Operator::none;
        if (compound) node.kind = Kind::augment;
    }

    std::vector<Node>& nodes_;
    const Grammar& grammar_;
    NodeId parent_ = kNoNode;
    NodeId open_ = kNoNode;
    int depth_ = 0;
};

std::optional<Code> Code::read(std::string_view text, Language language) {
    const Grammar& words = grammar(language);
    const TreeHandle tree = parse(text, words);
    if (!tree) return std::nullopt;
    Code code(text, language);
    code.nodes_.reserve(text.size() / 6 + 16);
    CodeBuilder(code, words).build(*tree);
    return code;
}

}  // namespace singularity::analysis
