#include "analysis/walk/ignore_rules.hpp"

#include <ranges>

namespace singularity::analysis {

IgnoreRulesPtr IgnoreRules::add(IgnoreRulesPtr outer, std::string_view folder, std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    auto rules = std::make_shared<IgnoreRules>();
    for (const auto line : std::views::split(text, '\n'))
        if (auto pattern = IgnorePattern::parse(std::string_view(line)))
            rules->patterns_.push_back(std::move(*pattern));
    if (rules->patterns_.empty()) return outer;
    rules->outer_ = std::move(outer);
    rules->prefix_ = folder.empty() ? "" : std::string(folder) + "/";
    return rules;
}

bool IgnoreRules::ignores(const IgnoreRulesPtr& rules, std::string_view path, bool is_folder) {
    for (const IgnoreRules* each = rules.get(); each != nullptr; each = each->outer_.get()) {
        if (!path.starts_with(each->prefix_)) continue;
        const std::string_view inside = path.substr(each->prefix_.size());
        for (const IgnorePattern& pattern : std::views::reverse(each->patterns_))
            if (pattern.matches(inside, is_folder)) return !pattern.negated();
    }
    return false;
}

}  // namespace singularity::analysis
