// An object that counts: as many as live() says have not been destroyed.
#pragma once

namespace singularity::pgbackend {

class Live {
public:
    Live() noexcept { ++count_; }
    Live(const Live&) = delete;
    ~Live() { --count_; }

    static int count() noexcept { return count_; }

private:
    static inline int count_ = 0;
};

}  // namespace singularity::pgbackend
