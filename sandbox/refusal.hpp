// Answers of the launcher, and how requests are answered where there is none.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "sandbox/wire.hpp"

namespace singularity::sandbox {

void send_answer(int control, const wire::Answer& answer, std::string_view text);

// Nobody waits for an answer that never comes: each request is told `reason`, for a while or until nobody
// holds the socket any more.
void refuse_all(int socket, const std::string& reason, std::chrono::milliseconds duration);

}  // namespace singularity::sandbox
