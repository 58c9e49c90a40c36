// Other processes: those of the host, and the box's process 1.
#include "sandbox/test/attacks/attack.hpp"

namespace singularity::sandbox::attacks {

std::vector<Attack> process_attacks() {
    const std::string apart = "process namespace";
    const std::string both = "seccomp, process 1 is not dumpable";
    const std::string nobody = "ESRCH";
    return in_category(
        "processes",
        {refused("traces_a_process_of_the_host", {"trace {process}"}, "EPERM|ESRCH", "seccomp, " + apart),
         refused("traces_process_1", {"trace 1", "trace {process}"}, "EPERM", both),
         refused("traces_its_child", {"trace_child"}, "EPERM", "seccomp"),
         refused("reads_memory_of_process_1", {"read_memory 1", "read_memory {process}"}, "EPERM", both),
         refused("writes_memory_of_process_1", {"write_memory 1", "write_memory {process}"}, "EPERM", both),
         refused("opens_memory_of_process_1", {"open_memory 1", "open_memory {process}"}, "EACCES",
                 "process 1 is not dumpable"),
         refused("opens_memory_of_a_process_of_the_host", {"open_memory {process}"}, "ENOENT", apart),
         refused("signals_a_process_of_the_host", {"signal {process}"}, nobody, apart + ", user"),
         refused("signals_it_by_a_descriptor", {"signal_by_pidfd {process}"}, nobody, apart + ", user"),
         refused("signals_it_as_owner_of_a_pipe", {"signal_by_owner {process}"}, nobody, apart),
         refused("signals_everybody", {"signal_all 10", "signal_all 0"}, nobody, apart + ", user"),
         refused("kills_process_1", {"end_process 1", "end_process {process}"}, "EPERM", apart),
         refused("kills_process_1_as_owner_of_a_pipe", {"end_by_owner 1", "end_by_owner {process}"}, "EPERM",
                 apart),
         refused("limits_process_1", {"starve_process 1", "starve_process {process}"}, "EPERM", "seccomp"),
         refused("limits_a_process_of_the_host", {"limit_other {process}"}, "EPERM|ESRCH",
                 "seccomp, " + apart),
         refused("slows_a_process_of_the_host", {"slow_down {process}"}, nobody, apart + ", user"),
         refused("takes_a_descriptor_of_process_1", {"take_descriptor 1", "take_descriptor {process}"},
                 "EPERM", both),
         refused("sees_a_process_of_the_host", {"see_process {process}"}, "ENOENT", apart)});
}

}  // namespace singularity::sandbox::attacks
