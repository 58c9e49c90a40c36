// Our extensions' files, brought from where they were built into the home.
//
// Two steps, because root may be the only one who can read the first place and must not write in the
// second: the tree is read into memory, then written as the cluster's account. A file that differs is
// replaced by rename, so that a running server keeps what it has mapped.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cluster/home.hpp"

namespace singularity::cluster {

struct ExtensionFile {
    std::filesystem::path name;  // relative: usr/share/postgresql/17/extension/sg_ulid.control
    std::string content;
};

// Where this program's build keeps them: the folder `extensions` beside the program's own.
std::filesystem::path extension_source();

// Empty where there is no such folder: the extensions are installed system-wide, or not at all.
core::Expected<std::vector<ExtensionFile>> read_extensions(const std::filesystem::path& source);

// The number of files that were written. The two folders are made even where nothing goes into them:
// without them a server with extension_destdir finds neither extensions nor modules, its own included.
core::Expected<int> install_extensions(const Home& home, const std::vector<ExtensionFile>& files);

}  // namespace singularity::cluster
