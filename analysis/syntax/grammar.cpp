#include "analysis/syntax/grammar.hpp"

#include <algorithm>

namespace singularity::analysis {
namespace {

const WordTable<Role> kRoles = {
    {"alias", Role::alias},
    {"alternative", Role::alternative},
    {"argument", Role::object},
    {"arguments", Role::arguments},
    {"attribute", Role::name},
    {"body", Role::body},
    {"cause", Role::cause},
    {"condition", Role::condition},
    {"consequence", Role::consequence},
    {"declarator", Role::declarator},
    {"default_value", Role::value},
    {"definition", Role::definition},
    {"field", Role::name},
    {"function", Role::callee},
    {"indices", Role::index},
    {"initializer", Role::initializer},
    {"left", Role::left},
    {"name", Role::name},
    {"object", Role::object},
    {"parameters", Role::parameters},
    {"right", Role::right},
    {"scope", Role::object},
    {"subscript", Role::index},
    {"type", Role::type},
    {"update", Role::update},
    {"value", Role::value},
};

const WordTable<Operator> kOperators = {
    {"!", Operator::not_},         {"not", Operator::not_},      {"&&", Operator::and_},
    {"and", Operator::and_},       {"||", Operator::or_},        {"or", Operator::or_},
    {"==", Operator::equal},       {"!=", Operator::not_equal},  {"<", Operator::less},
    {"<=", Operator::less_equal},  {">", Operator::greater},     {">=", Operator::greater_equal},
    {"in", Operator::in},          {"not in", Operator::not_in}, {"is", Operator::is},
    {"is not", Operator::is_not},  {"+", Operator::add},         {"+=", Operator::add},
    {"++", Operator::add},         {"-", Operator::subtract},    {"-=", Operator::subtract},
    {"--", Operator::subtract},    {"*", Operator::multiply},    {"*=", Operator::multiply},
    {"**", Operator::power},       {"**=", Operator::power},     {"<<", Operator::shift_left},
    {"<<=", Operator::shift_left}, {"=", Operator::assign},      {"/", Operator::other},
    {"/=", Operator::other},       {"%", Operator::other},       {"|", Operator::other},
    {"|=", Operator::other},       {"&=", Operator::other},      {"^", Operator::other},
};

template <class Word>
Word look_up(const WordTable<Word>& table, std::string_view text, Word missing) {
    const auto entry = std::ranges::find(table, text, &std::pair<std::string_view, Word>::first);
    return entry == table.end() ? missing : entry->second;
}

Grammar build(const TSLanguage* language, const WordTable<Kind>& kinds) {
    Grammar result{
        .language = language, .kinds = {}, .roles = {Role::none}, .operators = {}, .async_token = 0};
    for (TSSymbol symbol = 0; symbol < ts_language_symbol_count(language); ++symbol) {
        const std::string_view text = ts_language_symbol_name(language, symbol);
        const bool named = ts_language_symbol_type(language, symbol) == TSSymbolTypeRegular;
        result.kinds.push_back(named ? look_up(kinds, text, Kind::other) : Kind::other);
        result.operators.push_back(named ? Operator::none : look_up(kOperators, text, Operator::none));
        if (!named && text == "async") result.async_token = symbol;
    }
    for (TSFieldId field = 1; field <= ts_language_field_count(language); ++field)
        result.roles.push_back(look_up(kRoles, ts_language_field_name_for_id(language, field), Role::none));
    return result;
}

}  // namespace

const Grammar& grammar(Language language) {
    static const Grammar cpp = build(cpp_language(), cpp_kinds());
    static const Grammar python = build(python_language(), python_kinds());
    return language == Language::cpp ? cpp : python;
}

}  // namespace singularity::analysis
