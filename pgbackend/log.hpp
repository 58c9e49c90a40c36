// Messages below an error, to the server's log or the client as their level and the settings say.
#pragma once

#include "pgbackend/format.hpp"
#include "pgbackend/guard.hpp"

namespace singularity::pgbackend {

enum class LogLevel { debug = DEBUG1, log = LOG, info = INFO, notice = NOTICE, warning = WARNING };

void write_log(LogLevel level, const std::string& message);

template <class... Args>
void log(LogLevel level, std::format_string<Args...> format, Args&&... args) {
    if (message_level_is_interesting(static_cast<int>(level))) {
        write_log(level, pgbackend::format(format, std::forward<Args>(args)...));
    }
}

}  // namespace singularity::pgbackend
