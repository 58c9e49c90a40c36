#include "schema/names.hpp"

#include <array>

#include "core/format.hpp"

namespace singularity::schema {

namespace {

constexpr std::array<std::string_view, 5> kParts = {"shared_queue", "centralcloud", "singularity", "genesis",
                                                    "nexus"};

std::string of_instance(std::string_view base, std::string_view instance_id) {
    return instance_id == kFirstInstance ? std::string(base) : core::format("{}_{}", base, instance_id);
}

}  // namespace

std::span<const std::string_view> parts() {
    return kParts;
}

Database database_of(std::string_view part, std::string_view instance_id) {
    if (part == "singularity") return {std::string(part), of_instance(part, instance_id), std::string(part)};
    if (part == "shared_queue") return {std::string(part), std::string(part), "centralcloud"};
    return {std::string(part), std::string(part), std::string(part)};
}

std::string subscription_name(std::string_view base, std::string_view instance_id) {
    return of_instance(base, instance_id);
}

}  // namespace singularity::schema
