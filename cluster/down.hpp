// `singularity down`: stops a backbone, whatever state it is in, and leaves nothing behind.
#pragma once

#include <functional>
#include <string_view>

#include "cluster/backbone.hpp"

namespace singularity::cluster {

struct DownResult {
    bool was_running = false;  // a supervisor was
    bool cleaned_up = false;   // there was something left of one that had been killed
};

// Blocks until no process, socket, shared memory segment or pid file of the home is left. A live
// supervisor is asked to stop; what one that was killed left behind is ended, and the server's
// segments are cleared by starting and stopping it, for which its programs are looked up in
// `bin_dir`. `say` hears what takes longer.
core::Expected<DownResult> down(const Home& home, const std::filesystem::path& bin_dir,
                                const std::function<void(std::string_view)>& say);

}  // namespace singularity::cluster
