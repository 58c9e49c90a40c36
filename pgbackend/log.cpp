#include "pgbackend/log.hpp"

namespace singularity::pgbackend {

void write_log(LogLevel level, const std::string& message) {
    call(
        [level, text = message.c_str()] { ereport(static_cast<int>(level), (errmsg_internal("%s", text))); });
}

}  // namespace singularity::pgbackend
