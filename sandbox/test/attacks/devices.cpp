// Devices and terminals.
#include "sandbox/test/attacks/attack.hpp"

namespace singularity::sandbox::attacks {

std::vector<Attack> device_attacks() {
    return in_category(
        "devices",
        {refused("makes_a_disk", {"make_device b 254 0", "make_device c 1 3"}, "EPERM",
                 "seccomp, no capabilities, nodev"),
         refused("makes_a_memory_device", {"make_device c 1 1", "make_device c 1 3"}, "EPERM",
                 "seccomp, no capabilities, nodev"),
         refused("opens_a_disk",
                 {"open_device /dev/vda /dev/sda /dev/nvme0n1 /dev/dm-0 /dev/loop0 /dev/loop-control "
                  "/dev/mapper/control",
                  "open_device /dev/null"},
                 "ENOENT", "mounts"),
         refused("opens_memory_and_kernel_devices",
                 {"open_device /dev/mem /dev/kmem /dev/port /dev/kmsg /dev/kvm /dev/fuse /dev/net/tun "
                  "/dev/vhost-net /dev/vhost-vsock /dev/userfaultfd /dev/uinput /dev/rtc0 /dev/hwrng",
                  "open_device /dev/null"},
                 "ENOENT", "mounts"),
         refused("types_into_the_terminal", {"type_into_terminal", {}, Ground::terminal},
                 "ENXIO|ENOENT|EPERM", "new session, pipes"),
         refused("finds_a_terminal", {"find_terminal", {}, Ground::terminal}, "ENOTTY", "pipes")});
}

}  // namespace singularity::sandbox::attacks
