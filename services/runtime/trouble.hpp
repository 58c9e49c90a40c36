// What a failed statement says of the message that it was for.
#pragma once

#include "pgclient/error.hpp"

namespace singularity::services {

enum class Trouble {
    content,  // the same message would fail again: data exceptions, constraints, what a function raised
    away,     // a database can't be reached or can't work: nothing is known of the message
    failure,  // anything else, such as a statement that was cancelled because it took too long
};

Trouble trouble_of(const pgclient::DbError& error);

}  // namespace singularity::services
