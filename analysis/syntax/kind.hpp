// The words in which both languages' syntax trees are read.
//
// A kind says what a node is, a role what it is to its parent, an operator what stands between or
// before operands. What no idiom asks for is Kind::other. The tables from tree-sitter's names to these
// are in grammar_cpp.cpp and grammar_python.cpp.
#pragma once

#include <cstdint>

namespace singularity::analysis {

enum class Kind : std::uint8_t {
    other,
    error,
    // scopes
    function,
    lambda,
    class_,
    decorated,
    decorator,
    parameters,
    parameter,
    default_parameter,
    block,
    // control
    if_,
    else_,
    elif,
    for_counted,
    for_each,
    while_,
    do_while,
    switch_,
    try_,
    handler,
    finally_,
    with,
    with_item,
    as_pattern,
    return_,
    raise,
    break_,
    continue_,
    pass,
    import,
    outer_names,  // global, nonlocal
    condition,
    expression_statement,
    // declarations
    declaration,
    init_declarator,
    function_declarator,
    reference_declarator,
    pointer_declarator,
    structured_binding,
    storage_class,
    alias_declaration,
    deleted,
    defaulted,
    destructor_name,
    type,
    primitive_type,
    placeholder_type,  // auto
    template_,
    template_arguments,
    // expressions
    call,
    arguments,
    keyword_argument,
    initializer_list,
    member,
    subscript,
    qualified,
    identifier,
    this_,
    assign,
    augment,  // += and its like, ++, --
    named_expression,
    binary,
    unary,
    pointer,  // *x, &x
    conditional,
    parenthesized,
    await,
    yield,
    new_,
    delete_,
    number,
    string,
    true_,
    false_,
    null,
    collection,  // list, tuple, set, dict, comprehension
};

enum class Role : std::uint8_t {
    none,
    alias,
    alternative,
    arguments,
    body,
    callee,
    cause,
    condition,
    consequence,
    declarator,
    definition,
    index,
    initializer,
    left,
    name,
    object,
    parameters,
    right,
    type,
    update,
    value,
};

enum class Operator : std::uint8_t {
    none,
    not_,
    and_,
    or_,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    in,
    not_in,
    is,
    is_not,
    add,
    subtract,
    multiply,
    power,
    shift_left,
    assign,
    other,
};

}  // namespace singularity::analysis
