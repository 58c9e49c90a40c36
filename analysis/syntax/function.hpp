// Functions, methods and lambdas of a file, and which names live only inside of one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/syntax/file_facts.hpp"
#include "analysis/syntax/query.hpp"

namespace singularity::analysis {

struct Parameter {
    std::string_view name;
    bool refers = false;  // a reference or pointer: what it names outlives the call
    bool has_default = false;
};

struct Local {
    std::string_view name;
    NodeId declaration = kNoNode;  // the declaration or assignment that makes it first
    NodeId value = kNoNode;        // what it is made from, or kNoNode
    bool is_static = false;
    bool refers = false;
};

class Function {
public:
    // Both references must outlive the function.
    Function(const Code& code, const FileFacts& facts, NodeId node);

    const Code& code() const { return *code_; }
    const FileFacts& facts() const { return *facts_; }
    NodeId node() const { return node_; }
    NodeId body() const { return body_; }
    const std::string& name() const { return name_; }
    Language language() const { return code_->language(); }

    NodeId enclosing_class() const;
    const std::vector<Parameter>& parameters() const { return parameters_; }
    const std::vector<Local>& locals() const { return locals_; }
    const Parameter* parameter(std::string_view name) const;
    const Local* local(std::string_view name) const;

    // Whether what the expression names is still there after the call: a member, a global, a captured
    // or static variable, a reference parameter; a local only when it stands for one of these.
    bool outlives_call(NodeId expression) const;

private:
    void collect_parameters();
    void collect_locals();
    void collect_cpp_declaration(NodeId declaration);
    void add_local(Local local);

    const Code* code_;
    const FileFacts* facts_;
    NodeId node_;
    NodeId body_;
    std::string name_;
    std::vector<Parameter> parameters_;
    std::vector<Local> locals_;
    std::vector<std::string_view> outer_names_;  // Python's global and nonlocal
};

// All that have a body, in order of the source; broken ones too.
std::vector<NodeId> function_nodes(const Code& code);

// "Cache::find", "Pool.take", "main::(lambda)".
std::string function_name(const Code& code, NodeId node);

// The names that a declarator or an assignment's target binds, and the nodes that bind them.
std::vector<NodeId> bound_names(const Code& code, NodeId target);

// The variable that an expression hangs on: cache in cache.items[key], self.x's self.
NodeId root_of(const Code& code, NodeId expression);

}  // namespace singularity::analysis
