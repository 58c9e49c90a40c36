// What a handler catches, and what it does with it.
#pragma once

#include <string>
#include <string_view>

#include "analysis/syntax/function.hpp"

namespace singularity::analysis {

enum class Caught {
    typed,       // named errors
    broad,       // Exception, std::exception
    everything,  // except:, BaseException, catch (...)
    flow,        // StopIteration and its like, which end loops and are no errors
};

enum class Action {
    ignore,     // nothing
    report,     // calls something and goes on
    fall_back,  // gives a variable another value and goes on
    skip,       // goes on with the loop, or ends it
    return_empty,
    return_value,
    return_error,  // an error value, as std::unexpected
    translate,     // raises another error
    reraise,       // does something and lets the error through
    rethrow_only,  // lets the error through and does nothing else
    decide,        // one of these, as the error or the state demands
};

std::string_view name(Caught caught);
std::string_view name(Action action);

// "raises another error": completes "…, and then …".
std::string_view describe(Action action);

NodeId handler_body(const Code& code, NodeId handler);
Caught caught_by(const Code& code, NodeId handler);
Action action_of(const Code& code, NodeId handler);

// Whether an expression makes or carries an error: std::unexpected(…), x.error(), failure(…).
bool is_error_value(const Code& code, NodeId expression);

// A C++ class type caught by value, which cuts derived errors off.
bool catches_by_value(const Code& code, NodeId handler);

}  // namespace singularity::analysis
