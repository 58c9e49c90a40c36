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
    report,     // logs, warns or prints, and goes on
    act,        // does something else and goes on
    fall_back,  // gives a variable another value and goes on
    skip,       // goes on with the loop, or ends it
    return_empty,
    return_value,
    return_error,  // an error value, as std::unexpected
    translate,     // raises another error
    reraise,       // does something and lets the error through
    rethrow_only,  // lets the error through and does nothing else
    keep,          // stores the error for someone who asks later
    terminate,     // ends the program
    decide,        // lets some errors through, or leaves on some paths only
};

std::string_view name(Caught caught);
std::string_view name(Action action);

// "raises another error in its place": what is done on an error.
std::string_view describe(Action action);

NodeId handler_body(const Code& code, NodeId handler);
Caught caught_by(const Code& code, NodeId handler);
Action action_of(const Code& code, NodeId handler);

// An import that may be missing: how a module chooses its dependencies, no failed operation.
bool is_optional_import(const Code& code, NodeId attempt);

// Whether an expression makes or carries an error: std::unexpected(…), x.error(), failure(…).
bool is_error_value(const Code& code, NodeId expression);

// A C++ class type caught by value, which cuts derived errors off.
bool catches_by_value(const Code& code, NodeId handler);

}  // namespace singularity::analysis
