// tree-sitter-cpp's node names. Names that are missing here are Kind::other.

#include "analysis/syntax/grammar.hpp"

extern "C" const TSLanguage* tree_sitter_cpp();

namespace singularity::analysis {

const TSLanguage* cpp_language() {
    return tree_sitter_cpp();
}

const WordTable<Kind>& cpp_kinds() {
    static const WordTable<Kind> table = {
        {"function_definition", Kind::function},
        {"lambda_expression", Kind::lambda},
        {"class_specifier", Kind::class_},
        {"struct_specifier", Kind::class_},
        {"parameter_list", Kind::parameters},
        {"parameter_declaration", Kind::parameter},
        {"optional_parameter_declaration", Kind::default_parameter},
        {"compound_statement", Kind::block},
        {"if_statement", Kind::if_},
        {"else_clause", Kind::else_},
        {"for_statement", Kind::for_counted},
        {"for_range_loop", Kind::for_each},
        {"while_statement", Kind::while_},
        {"do_statement", Kind::do_while},
        {"switch_statement", Kind::switch_},
        {"try_statement", Kind::try_},
        {"catch_clause", Kind::handler},
        {"return_statement", Kind::return_},
        {"co_return_statement", Kind::return_},
        {"throw_statement", Kind::raise},
        {"break_statement", Kind::break_},
        {"continue_statement", Kind::continue_},
        {"condition_clause", Kind::condition},
        {"expression_statement", Kind::expression_statement},
        {"declaration", Kind::declaration},
        {"field_declaration", Kind::declaration},
        {"init_declarator", Kind::init_declarator},
        {"function_declarator", Kind::function_declarator},
        {"abstract_function_declarator", Kind::function_declarator},
        {"reference_declarator", Kind::reference_declarator},
        {"pointer_declarator", Kind::pointer_declarator},
        {"structured_binding_declarator", Kind::structured_binding},
        {"storage_class_specifier", Kind::storage_class},
        {"alias_declaration", Kind::alias_declaration},
        {"delete_method_clause", Kind::deleted},
        {"default_method_clause", Kind::defaulted},
        {"destructor_name", Kind::destructor_name},
        {"type_descriptor", Kind::type},
        {"primitive_type", Kind::primitive_type},
        {"sized_type_specifier", Kind::primitive_type},
        {"placeholder_type_specifier", Kind::placeholder_type},
        {"template_type", Kind::template_},
        {"template_function", Kind::template_},
        {"template_method", Kind::template_},
        {"template_argument_list", Kind::template_arguments},
        {"call_expression", Kind::call},
        {"argument_list", Kind::arguments},
        {"subscript_argument_list", Kind::arguments},
        {"initializer_list", Kind::initializer_list},
        {"field_expression", Kind::member},
        {"subscript_expression", Kind::subscript},
        {"qualified_identifier", Kind::qualified},
        {"identifier", Kind::identifier},
        {"field_identifier", Kind::identifier},
        {"type_identifier", Kind::identifier},
        {"namespace_identifier", Kind::identifier},
        {"this", Kind::this_},
        {"assignment_expression", Kind::assign},
        {"update_expression", Kind::augment},
        {"binary_expression", Kind::binary},
        {"unary_expression", Kind::unary},
        {"pointer_expression", Kind::pointer},
        {"conditional_expression", Kind::conditional},
        {"parenthesized_expression", Kind::parenthesized},
        {"co_await_expression", Kind::await},
        {"co_yield_statement", Kind::yield},
        {"new_expression", Kind::new_},
        {"delete_expression", Kind::delete_},
        {"number_literal", Kind::number},
        {"user_defined_literal", Kind::number},
        {"string_literal", Kind::string},
        {"raw_string_literal", Kind::string},
        {"concatenated_string", Kind::string},
        {"char_literal", Kind::string},
        {"true", Kind::true_},
        {"false", Kind::false_},
        {"null", Kind::null},
    };
    return table;
}

}  // namespace singularity::analysis
