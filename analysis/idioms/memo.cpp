// Memoisation: what was computed once for a key is kept, and found again instead of computed.
//
// This file: maps. Required: a look-up by a key in a map that outlives the call, a return of what was
// found, a computation where nothing was, a store of it under the same key, and its return.
// memo_once.cpp has the forms without a key.

#include <algorithm>

#include "analysis/idioms/idiom.hpp"
#include "analysis/idioms/map_access.hpp"
#include "analysis/idioms/memo_once.hpp"
#include "core/format.hpp"

namespace singularity::analysis {
namespace {

class MapMemo {
public:
    MapMemo(const Function& function, const MapAccess& store)
        : function_(function), code_(function.code()), store_(store) {
        if (store.value != kNoNode && code_.kind(core(code_, store.value)) == Kind::identifier)
            kept_.push_back(code_.text(core(code_, store.value)));
        for (const std::string_view name : names_bound_to(code_, store.node)) kept_.push_back(name);
        if (code_.kind(store.node) == Kind::assign &&
            code_.kind(child(code_, store.node, Role::right)) == Kind::assign)
            for (const auto name : names_bound_to(code_, child(code_, store.node, Role::right)))
                kept_.push_back(name);
    }

    // `all` holds every look-up of the function.
    void find(const std::vector<MapAccess>& all, Findings& findings) const {
        if (!function_.outlives_call(store_.map) || is_constant(code_, store_.key) || !is_computed(all))
            return;
        for (const MapAccess& lookup : all) {
            if (lookup.node > store_.node || !same_entry(code_, lookup, store_)) continue;
            if (is_inside(code_, lookup.node, store_.node)) continue;
            const NodeId guard = guard_of(lookup);
            if (guard == kNoNode || !returns_hit(lookup) || return_of_kept() == kNoNode) continue;
            if (code_.kind(guard) == Kind::try_) findings.claim(guard);
            return findings.add(describe(lookup, guard));
        }
    }

private:
    // The value comes from a call that is no look-up in the same map.
    bool is_computed(const std::vector<MapAccess>& all) const {
        const auto computes = [&](NodeId value) {
            for (const NodeId id : Within(code_, value)) {
                if (code_[id].kind != Kind::call && code_[id].kind != Kind::new_) continue;
                if (callee(code_, id) == "len" || callee(code_, id) == "size") continue;
                const bool lookup = std::ranges::any_of(all, [&](const MapAccess& each) {
                    return each.node == id && same_expression(code_, each.map, store_.map);
                });
                if (!lookup) return true;
            }
            return false;
        };
        if (computes(store_.value)) return true;
        return std::ranges::any_of(computations(), computes);
    }

    // The right sides that are assigned to the stored name.
    std::vector<NodeId> computations() const {
        std::vector<NodeId> result;
        for (const NodeId id : Within(code_, function_.body())) {
            const Kind kind = code_[id].kind;
            if (kind != Kind::assign && kind != Kind::init_declarator) continue;
            if (const NodeId left = child(code_, id, Role::left); code_.kind(left) == Kind::pointer) {
                result.push_back(child(code_, id, Role::right));
                continue;
            }
            const NodeId target = child(code_, id, kind == Kind::assign ? Role::left : Role::declarator);
            const NodeId value = child(code_, id, kind == Kind::assign ? Role::right : Role::value);
            for (const NodeId name : bound_names(code_, target))
                if (std::ranges::contains(kept_, code_.text(name)) && !is_inside(code_, store_.node, id))
                    result.push_back(value);
            // `it->second = compute()` fills what try_emplace made.
            if (code_.kind(target) == Kind::member &&
                std::ranges::contains(kept_, code_.text(root_of(code_, target))))
                result.push_back(value);
        }
        return result;
    }

    // The `if` or `try` that keeps the store from running when the look-up found something.
    NodeId guard_of(const MapAccess& lookup) const {
        const NodeId attempt = enclosing(code_, lookup.node, {Kind::try_});
        if (lookup.form == "subscript" && attempt != kNoNode) {
            if (is_inside(code_, lookup.node, child(code_, attempt, Role::body)) && is_behind(attempt))
                return attempt;
        }
        const auto names = names_bound_to(code_, lookup.node);
        for (const NodeId id : Within(code_, function_.body())) {
            if (code_[id].kind != Kind::if_ || id > store_.node) continue;
            const NodeId condition = child(code_, id, Role::condition);
            const bool looks = is_inside(code_, lookup.node, condition);
            const bool asks =
                std::ranges::any_of(names, [&](auto name) { return mentions(code_, condition, name); });
            if ((looks || asks) && (is_inside(code_, store_.node, id) || branch_returns(id))) return id;
        }
        return kNoNode;
    }

    // In the handler of the try, or after a try whose body returns.
    bool is_behind(NodeId attempt) const {
        const NodeId body = child(code_, attempt, Role::body);
        const bool in_handler =
            is_inside(code_, store_.node, attempt) && !is_inside(code_, store_.node, body);
        return in_handler || (store_.node > attempt && has_within(code_, body, {Kind::return_}));
    }

    bool branch_returns(NodeId condition) const {
        return has_within(code_, child(code_, condition, Role::consequence), {Kind::return_});
    }

    // The first return from a node on that gives back what one of the names holds, or the entry itself.
    NodeId returning(const std::vector<std::string_view>& names, NodeId from) const {
        for (const NodeId id : Within(code_, function_.body())) {
            if (code_[id].kind != Kind::return_) continue;
            if (is_inside(code_, from, id)) return id;
            if (id < from) continue;
            if (std::ranges::any_of(names, [&](auto name) { return mentions(code_, id, name); })) return id;
            if (returns_entry(id)) return id;
        }
        return kNoNode;
    }

    // `return map[key]`, `return map.at(key)`, `return map.get(key)`.
    bool returns_entry(NodeId statement) const {
        const NodeId value = core(code_, statement + 1 < code_[statement].past ? statement + 1 : kNoNode);
        if (code_.kind(value) == Kind::subscript)
            return same_expression(code_, map_of(code_, value), store_.map) &&
                   same_expression(code_, key_of(code_, value), store_.key);
        const auto given = arguments(code_, value);
        return given.size() == 1 && same_expression(code_, receiver(code_, value), store_.map) &&
               same_expression(code_, given[0], store_.key);
    }

    bool returns_hit(const MapAccess& lookup) const {
        return returning(names_bound_to(code_, lookup.node), lookup.node) != kNoNode;
    }
    NodeId return_of_kept() const { return returning(kept_, store_.node); }

    // A parameter that goes into the computation and not into the key.
    bool has_parameter_outside_key() const {
        auto made_from = computations();
        made_from.push_back(store_.value);
        std::vector<NodeId> keys{store_.key};
        if (const Local* key = function_.local(code_.text(root_of(code_, store_.key))))
            keys.push_back(key->value);
        return std::ranges::any_of(function_.parameters(), [&](const Parameter& each) {
            if (each.name == "self" || each.name == "cls" || mentions(code_, store_.map, each.name))
                return false;
            const auto uses = [&](NodeId node) { return mentions(code_, node, each.name); };
            return std::ranges::any_of(made_from, uses) && std::ranges::none_of(keys, uses);
        });
    }

    Match describe(const MapAccess& lookup, NodeId guard) const {
        const NodeId root = root_of(code_, store_.map);
        const bool member =
            code_.kind(core(code_, store_.map)) == Kind::member || code_.text(root).ends_with("_");
        const std::string_view holder = member ? "member" : "outer";
        const std::string_view form = code_.kind(guard) == Kind::try_ ? "try" : lookup.form;
        Match match{.first = std::min(statement_of(code_, lookup.node), statement_of(code_, guard)),
                    .last = return_of_kept()};
        match.shape = core::format(
            "(memo (map {}) (lookup {} (hit return)) (miss (compute call) (store) return))", holder, form);
        match.words = join_words({form, "lookup", holder, "map"});
        match.meaning = core::format(
            "Looks a key up in {}, returns what is there, and otherwise computes the value, stores it under "
            "the "
            "same key and returns it.",
            member ? "a map that the object keeps" : "a map that outlives the call");
        match.elements = {"outliving-map",   "lookup",         "return-on-hit",
                          "compute-on-miss", "store-same-key", "return"};
        match.object(has_parameter_outside_key(), "parameter-outside-key", 0.2);
        match.lacks = {"a bound on what is kept"};
        return match;
    }

    const Function& function_;
    const Code& code_;
    const MapAccess& store_;
    std::vector<std::string_view> kept_;  // the names that hold what was stored
};

}  // namespace

void find_memo(const Function& function, Findings& findings) {
    const auto all = lookups(function);
    for (const MapAccess& store : stores(function)) MapMemo(function, store).find(all, findings);
    find_memo_once(function, findings);
}

}  // namespace singularity::analysis
