// tree-sitter-python's node names. Names that are missing here are Kind::other.

#include "analysis/syntax/grammar.hpp"

extern "C" const TSLanguage* tree_sitter_python();

namespace singularity::analysis {

const TSLanguage* python_language() {
    return tree_sitter_python();
}

const WordTable<Kind>& python_kinds() {
    static const WordTable<Kind> table = {
        {"function_definition", Kind::function},
        {"lambda", Kind::lambda},
        {"class_definition", Kind::class_},
        {"decorated_definition", Kind::decorated},
        {"decorator", Kind::decorator},
        {"parameters", Kind::parameters},
        {"lambda_parameters", Kind::parameters},
        {"typed_parameter", Kind::parameter},
        {"list_splat_pattern", Kind::parameter},
        {"dictionary_splat_pattern", Kind::parameter},
        {"default_parameter", Kind::default_parameter},
        {"typed_default_parameter", Kind::default_parameter},
        {"block", Kind::block},
        {"if_statement", Kind::if_},
        {"else_clause", Kind::else_},
        {"elif_clause", Kind::elif},
        {"for_statement", Kind::for_each},
        {"while_statement", Kind::while_},
        {"match_statement", Kind::switch_},
        {"try_statement", Kind::try_},
        {"except_clause", Kind::handler},
        {"except_group_clause", Kind::handler},
        {"finally_clause", Kind::finally_},
        {"with_statement", Kind::with},
        {"with_item", Kind::with_item},
        {"as_pattern", Kind::as_pattern},
        {"return_statement", Kind::return_},
        {"raise_statement", Kind::raise},
        {"break_statement", Kind::break_},
        {"continue_statement", Kind::continue_},
        {"pass_statement", Kind::pass},
        {"ellipsis", Kind::pass},
        {"import_statement", Kind::import},
        {"import_from_statement", Kind::import},
        {"global_statement", Kind::outer_names},
        {"nonlocal_statement", Kind::outer_names},
        {"expression_statement", Kind::expression_statement},
        {"call", Kind::call},
        {"argument_list", Kind::arguments},
        {"keyword_argument", Kind::keyword_argument},
        {"attribute", Kind::member},
        {"subscript", Kind::subscript},
        {"identifier", Kind::identifier},
        {"type", Kind::type},
        {"assignment", Kind::assign},
        {"augmented_assignment", Kind::augment},
        {"named_expression", Kind::named_expression},
        {"binary_operator", Kind::binary},
        {"comparison_operator", Kind::binary},
        {"boolean_operator", Kind::binary},
        {"not_operator", Kind::unary},
        {"unary_operator", Kind::unary},
        {"conditional_expression", Kind::conditional},
        {"parenthesized_expression", Kind::parenthesized},
        {"await", Kind::await},
        {"yield", Kind::yield},
        {"delete_statement", Kind::delete_},
        {"integer", Kind::number},
        {"float", Kind::number},
        {"string", Kind::string},
        {"concatenated_string", Kind::string},
        {"true", Kind::true_},
        {"false", Kind::false_},
        {"none", Kind::null},
        {"list", Kind::collection},
        {"tuple", Kind::collection},
        {"set", Kind::collection},
        {"dictionary", Kind::collection},
        {"list_comprehension", Kind::collection},
        {"dictionary_comprehension", Kind::collection},
        {"set_comprehension", Kind::collection},
        {"generator_expression", Kind::collection},
    };
    return table;
}

}  // namespace singularity::analysis
