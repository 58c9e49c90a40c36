#include "analysis/syntax/file_facts.hpp"

#include <algorithm>

#include "analysis/syntax/query.hpp"

namespace singularity::analysis {
namespace {

// The plain or last name of what is assigned to or declared: results of self.pool.results.
std::string_view target_name(const Code& code, NodeId target) {
    if (code.kind(target) == Kind::member) target = child(code, target, Role::name);
    while (code.kind(target) == Kind::reference_declarator || code.kind(target) == Kind::pointer_declarator)
        target = last_child(code, target);
    return code.kind(target) == Kind::identifier ? code.text(target) : std::string_view();
}

void note_queue(const Code& code, NodeId node, FileFacts& facts) {
    std::string_view maker, name;
    if (code[node].kind == Kind::assign) {
        name = target_name(code, child(code, node, Role::left));
        maker = callee(code, called(code, child(code, node, Role::right)));
    } else if (code[node].kind == Kind::declaration || code[node].kind == Kind::parameter) {
        const NodeId declarator = child(code, node, Role::declarator);
        const bool made = code.kind(declarator) == Kind::init_declarator;
        name = target_name(code, made ? child(code, declarator, Role::declarator) : declarator);
        maker = code.text(child(code, node, Role::type));
    }
    if (!name.empty() && (contains_word(maker, "queue") || contains_word(maker, "channel")))
        facts.queues.push_back(name);
}

// using ConnectionHandle = std::unique_ptr<PGconn, Finish>;
void note_owner(const Code& code, NodeId node, FileFacts& facts) {
    if (code[node].kind != Kind::alias_declaration) return;
    const NodeId pointer = first_within(code, child(code, node, Role::type), {Kind::template_});
    if (code.text(child(code, pointer, Role::name)) != "unique_ptr") return;
    std::size_t given = 0;
    for ([[maybe_unused]] const NodeId each : Children(code, child(code, pointer, Kind::template_arguments)))
        ++given;
    if (given == 2) facts.owners.push_back(code.text(child(code, node, Role::name)));
}

}  // namespace

FileFacts gather_facts(const Code& code) {
    FileFacts facts;
    for (NodeId id = 0; id < code.size(); ++id) {
        note_queue(code, id, facts);
        note_owner(code, id, facts);
    }
    std::ranges::sort(facts.queues);
    const auto repeated = std::ranges::unique(facts.queues);
    facts.queues.erase(repeated.begin(), repeated.end());
    return facts;
}

}  // namespace singularity::analysis
