#include "services/runtime/trouble.hpp"

#include <algorithm>
#include <string_view>

namespace singularity::services {

namespace {

using namespace std::string_view_literals;

// Connection exceptions, insufficient resources (a full disk), operator intervention (a shutdown), system
// errors; transactions to be run again.
constexpr std::string_view kAwayClasses[] = {"08"sv, "53"sv, "57"sv, "58"sv, "40"sv};
constexpr std::string_view kContentClasses[] = {"22"sv, "23"sv, "P0"sv};

}  // namespace

Trouble trouble_of(const pgclient::DbError& error) {
    using pgclient::Cause;
    switch (error.cause()) {
        case Cause::connection:
        case Cause::in_doubt:
        case Cause::pool: return Trouble::away;
        // A server that answered the cancellation is there: it is the statement that took too long.
        case Cause::deadline: return error.connection_lost() ? Trouble::away : Trouble::failure;
        case Cause::server: break;
        default: return Trouble::failure;
    }
    if (error.sqlstate() == pgclient::kQueryCanceled) return Trouble::failure;
    const std::string_view state_class = std::string_view(error.sqlstate()).substr(0, 2);
    // The database is a standby now, or recovering.
    if (error.sqlstate() == "25006" || std::ranges::contains(kAwayClasses, state_class)) return Trouble::away;
    return std::ranges::contains(kContentClasses, state_class) ? Trouble::content : Trouble::failure;
}

}  // namespace singularity::services
