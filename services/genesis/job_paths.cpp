#include "services/genesis/job_paths.hpp"

#include <algorithm>
#include <ranges>

#include "core/format.hpp"
#include "services/genesis/job_limits.hpp"

namespace singularity::services::genesis {

using messages::TextFault;

std::string fault_text(TextFault fault) {
    switch (fault) {
        case TextFault::none: return "";
        case TextFault::nul: return "has a NUL character: it is text";
        case TextFault::surrogate: return "has half of a UTF-16 pair: it is UTF-8";
        case TextFault::not_utf8: return "is not UTF-8";
    }
    return "";
}

std::string refuse_path(std::string_view path) {
    if (path.empty()) return "is empty";
    if (path.size() > kMaxPath) return core::format("is {} bytes long, and can be {}", path.size(), kMaxPath);
    if (const auto fault = messages::fault_of(path); fault != TextFault::none) return fault_text(fault);
    const auto control = [](unsigned char each) { return each < 0x20 || each == 0x7f; };
    if (std::ranges::any_of(path, control)) return "has a control character";
    if (path.starts_with('/')) return "starts with a slash: it is relative to the working folder";
    std::size_t depth = 0;
    for (const auto part : path | std::views::split('/')) {
        const std::string_view name(part);
        if (name.empty()) return "has an empty part";
        if (name == "." || name == "..") return core::format("has a part '{}'", name);
        ++depth;
    }
    return depth > kMaxDepth ? core::format("has {} parts, and can have {}", depth, kMaxDepth) : "";
}

std::string JobPaths::add(const std::string& path) {
    if (path == ".program" || path.starts_with(".program/")) return "is what the compiled program is called";
    if (!files_.insert(path).second) return "is there already, as another file or as the code";
    if (folders_.contains(path)) return "is a folder of another file";
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
        const std::string folder = path.substr(0, slash);
        if (files_.contains(folder)) return core::format("'{}' is a file", folder);
        folders_.insert(folder);
    }
    return "";
}

}  // namespace singularity::services::genesis
