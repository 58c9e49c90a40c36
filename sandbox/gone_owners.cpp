#include "sandbox/gone_owners.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <ranges>
#include <string>
#include <vector>

#include "sandbox/holder.hpp"
#include "sandbox/tier.hpp"

namespace singularity::sandbox {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code unreadable;
    for (const auto& entry : fs::directory_iterator(folder, unreadable))
        names.push_back(entry.path().filename());
    return names;
}

bool is_slot(const std::string& name) {
    return name.find_first_not_of("0123456789") == std::string::npos;
}

// Holding the lock: a new owner of that name waits until we are done.
void sweep_after(const std::string& launcher) {
    for (const CgroupPlaces& places : places_of_groups(launcher)) sweep_cgroups(places);
}

}  // namespace

void sweep_after_gone_owners(const fs::path& folder) {
    const std::string launchers = lock_of("", "").filename();
    for (const std::string& name : names_in(folder)) {
        const bool is_launcher = name.starts_with(launchers);
        if (!is_launcher && !is_slot(name)) continue;
        const core::Descriptor lock = try_lock(AT_FDCWD, folder / name, true);
        if (!lock) continue;
        if (is_launcher) sweep_after(name.substr(launchers.size()));
        ::unlink((folder / name).c_str());
    }
}

}  // namespace singularity::sandbox
