// The ten languages, each in its file. `runtimes`: the folder that tools/prepare_runtimes filled.
#pragma once

#include "services/genesis/languages/language.hpp"

namespace singularity::services::genesis {

Language bash();
Language c();
Language cpp();
Language elixir();
Language go(const std::string& runtimes);
Language javascript(const std::string& runtimes);
Language python();
Language rust();
Language sql(const std::string& runtimes);
Language typescript(const std::string& runtimes);

}  // namespace singularity::services::genesis
