#include "cli/job_text.hpp"

#include "services/genesis/job_encoding.hpp"

namespace singularity::cli {

std::string tame(std::string_view bytes) {
    constexpr std::string_view kInstead = "\xEF\xBF\xBD";
    const std::string text = services::genesis::as_text(bytes);
    std::string tamed;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool is_c1 =
            byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        const bool is_c0 = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
        if (is_c1) ++i;
        if (is_c1 || is_c0) tamed += kInstead;
        else tamed += text[i];
    }
    return tamed;
}

}  // namespace singularity::cli
