#include "pgbackend/settings.hpp"

namespace singularity::pgbackend {

void BoolSetting::define() const {
    DefineCustomBoolVariable(name, description.get(), nullptr, value, fallback, context, flags, nullptr,
                             nullptr, nullptr);
}

void IntSetting::define() const {
    DefineCustomIntVariable(name, description.get(), nullptr, value, fallback, least, most, context, flags,
                            nullptr, nullptr, nullptr);
}

void RealSetting::define() const {
    DefineCustomRealVariable(name, description.get(), nullptr, value, fallback, least, most, context, flags,
                             nullptr, nullptr, nullptr);
}

void StringSetting::define() const {
    DefineCustomStringVariable(name, description.get(), nullptr, value, fallback, context, flags, nullptr,
                               nullptr, nullptr);
}

void EnumSetting::define() const {
    DefineCustomEnumVariable(name, description.get(), nullptr, value, fallback, options, context, flags,
                             nullptr, nullptr, nullptr);
}

}  // namespace singularity::pgbackend
