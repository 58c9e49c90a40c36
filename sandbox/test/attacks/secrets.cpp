// Secrets that hang about a process: environment, descriptors, keys, what /proc tells.
#include "sandbox/test/attacks/attack.hpp"

namespace singularity::sandbox::attacks {

std::vector<Attack> secret_attacks() {
    const std::string first = "process 1 is not dumpable";
    const std::string closed = "closed descriptors";
    return in_category(
        "secrets",
        {refused("finds_the_hosts_environment", {"find_in_environment ATTACKED_SECRET"}, "ENOENT",
                 "empty environment"),
         refused("finds_the_hosts_command_lines", {"find_in_command_lines sandbox_att acks_test"}, "ENOENT",
                 "process namespace"),
         refused("finds_open_descriptors", {"find_descriptors"}, "EBADF", closed),
         refused("climbs_from_an_open_folder", {"climb_from_descriptor etc/hostname"}, "EBADF", closed),
         refused("forges_the_report_of_process_1",
                 {"reopen_descriptors_of 1", "reopen_descriptors_of parent"}, "EACCES|EPERM", first),
         refused("reads_a_key_of_the_session", {"read_key {key}"}, "EPERM", "seccomp"),
         refused("replaces_a_key_of_the_session", {"change_key {key}"}, "EPERM", "seccomp"),
         refused("adds_a_key", {"reach add_key"}, "EPERM", "seccomp"),
         refused("asks_for_a_key", {"reach request_key"}, "EPERM", "seccomp"),
         refused("names_its_session_keyring", {"reach keyctl_session"}, "EPERM", "seccomp"),
         refused("reads_environment_and_maps_of_process_1",
                 {"read_file /proc/1/environ /proc/1/maps /proc/1/auxv /proc/1/syscall",
                  "read_file /proc/self/environ"},
                 "EACCES|EPERM", first),
         refused("reads_logs_and_configuration_of_the_host",
                 {"read_file /etc/hostname /etc/machine-id /var/log/dpkg.log /root/.bashrc "
                  "/etc/ssh/ssh_config /etc/resolv.conf",
                  "read_file {file}"},
                 "ENOENT|EACCES", "mounts")});
}

}  // namespace singularity::sandbox::attacks
