// Objects that processes share by a key or a name.
#include "sandbox/test/attacks/attack.hpp"

namespace singularity::sandbox::attacks {

std::vector<Attack> shared_attacks() {
    const std::string layers = "IPC namespace";
    return in_category(
        "shared objects",
        {refused("reads_shared_memory_of_the_host", {"read_shared_memory {number}"}, "ENOENT", layers),
         refused("sends_to_a_queue_of_the_host", {"send_message {number}"}, "ENOENT", layers),
         refused("changes_a_semaphore_of_the_host", {"change_semaphore {number}"}, "ENOENT", layers),
         refused("sends_to_a_named_queue_of_the_host", {"send_to_queue {name}"}, "ENOENT|EACCES", layers),
         refused("opens_named_memory_of_the_host", {"open_named_memory {name}"}, "ENOENT", "mounts")});
}

}  // namespace singularity::sandbox::attacks
