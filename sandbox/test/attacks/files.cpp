// Files of the host: read, written, listed, linked, reached by other ways than their path.
#include "sandbox/test/attacks/attack.hpp"

namespace singularity::sandbox::attacks {

std::vector<Attack> file_attacks() {
    return in_category(
        "host files",
        {refused("reads_a_secret_of_the_host", {"read_file {file}"}, "ENOENT", "mounts, user"),
         refused("reads_password_hashes", {"read_file /etc/shadow /etc/gshadow", "read_file {file}"},
                 "ENOENT", "mounts, user"),
         refused("reads_through_its_own_root",
                 {"read_file /proc/self/root{file} /proc/1/root{file} /proc/1/cwd/../..{file}"},
                 "ENOENT|EACCES|EPERM", "mounts, process namespace"),
         refused("reads_as_a_program_in_memory", {"from_memory read_file {file}"}, "ENOENT", "mounts, user"),
         refused("climbs_out_of_its_folder", {"climb {relative}"}, "ENOENT", "mounts"),
         refused("lists_folders_of_the_host",
                 {"list_folder {folder} /root /home /boot /srv /opt /var/log /run /mnt /sys",
                  "list_folder {folder}"},
                 "ENOENT", "mounts"),
         refused("writes_a_file_of_the_host", {"write_file {file}"}, "ENOENT", "mounts, user"),
         refused("writes_programs",
                 {"write_file /usr/bin/env /usr/bin/bash /usr/lib/os-release /etc/ld.so.cache",
                  "write_file {file}"},
                 "EROFS|EACCES|ENOENT", "read-only mounts, user"),
         refused("plants_files",
                 {"create_file /usr/bin /usr/lib /etc / /proc /dev/pts {folder}", "create_file {folder}"},
                 "EROFS|EACCES|ENOENT|EPERM", "read-only mounts, user"),
         refused("escapes_by_chroot", {"chroot_escape {relative}", {}, Ground::apart}, "EPERM",
                 "seccomp, no capabilities"),
         refused("opens_by_inode_number", {"open_by_handle /usr", "open_by_handle {folder}"}, "EPERM|ENOSYS",
                 "seccomp, no capabilities"),
         refused("links_a_program_into_its_folder", {"link_file /usr/bin/env", "link_file {file}"},
                 "EXDEV|EPERM", "mounts"),
         refused("follows_a_symlink_to_the_host", {"read_through_symlink {file}"}, "ELOOP|ENOENT|EPERM",
                 "mounts, nosymfollow"),
         refused("becomes_root_by_a_setuid_program",
                 {"run_setuid /usr/bin/su", "run_setuid {setuid-attacker}", Ground::nobody}, "EPERM",
                 "no_new_privs, user namespace, nosuid")});
}

}  // namespace singularity::sandbox::attacks
