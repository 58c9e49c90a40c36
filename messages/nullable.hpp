// A field that must be there and may be null: "not known" is said, not left out.
#pragma once

#include <optional>

namespace singularity::messages {

template <typename T>
struct Nullable : std::optional<T> {
    using std::optional<T>::optional;
    using std::optional<T>::operator=;
};

}  // namespace singularity::messages
