// Namespaces and mounts.
#include "sandbox/test/attacks/attack.hpp"

namespace singularity::sandbox::attacks {

std::vector<Attack> namespace_attacks() {
    std::vector<Attack> attacks;
    const std::string layers = "seccomp, user namespace without capabilities";
    for (const std::string kind : {"user", "mnt", "net", "pid", "ipc", "uts", "cgroup", "time"})
        attacks.push_back(refused("makes_a_namespace_" + kind, {"unshare " + kind}, "EPERM|ENOSPC",
                                  kind == "user" ? "seccomp, --disable-userns" : layers));
    const std::string no = "EPERM|ENOSYS|ENOSPC";
    const auto apart = Ground::apart;
    const std::vector<Attack> more = {
        refused("clones_into_a_user_namespace", {"clone user"}, no, "seccomp, --disable-userns"),
        refused("clones_into_a_network_namespace", {"clone net"}, no, layers),
        refused("clones_where_a_filter_cannot_look", {"clone3 user"}, "ENOSYS", "seccomp, --disable-userns"),
        refused("enters_namespaces_of_process_1", {"enter_namespaces 1", "enter_namespaces {process}"},
                "EPERM|EACCES|ENOENT", "seccomp, process namespace"),
        refused("enters_namespaces_of_the_host", {"enter_namespaces {process}"}, "EPERM|EACCES|ENOENT",
                "seccomp, process namespace"),
        refused("mounts_a_tmpfs", {"mount", {}, apart}, no, layers),
        refused("mounts_the_host_elsewhere", {"bind_over /", {}, apart}, no, layers),
        refused("mounts_proc", {"mount_proc", {}, apart}, no, layers),
        refused("mounts_control_groups", {"mount_cgroups", {}, apart}, no, layers),
        refused("makes_system_folders_writable", {"remount /usr", "remount .", apart}, no + "|EINVAL",
                layers),
        refused("uncovers_what_is_mounted_over", {"unmount /box", "unmount /proc", apart}, no + "|EINVAL",
                layers),
        refused("replaces_the_root", {"reach pivot_root", {}, apart}, no, layers),
        refused("opens_a_file_system", {"reach fsopen", {}, apart}, no, layers),
        refused("copies_a_tree_of_mounts", {"reach open_tree", {}, apart}, no, layers),
        refused("moves_a_mount", {"reach move_mount", {}, apart}, no, layers),
        refused("changes_a_mount", {"reach mount_setattr", {}, apart}, no, layers),
        refused("takes_a_mount_away", {"reach umount", {}, apart}, no, layers),
    };
    attacks.insert(attacks.end(), more.begin(), more.end());
    return in_category("namespaces", std::move(attacks));
}

}  // namespace singularity::sandbox::attacks
