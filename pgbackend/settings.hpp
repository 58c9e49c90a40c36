// Configuration settings of an extension, defined in its _PG_init():
//
//     define_settings("sg_queue", IntSetting{.name = "sg_queue.depth", .description = "…", .value = &depth,
//                                            .fallback = 10, .least = 1, .most = 1000});
//
// Each says what it is for; the prefix then belongs to the extension, so that a misspelt name is refused.
#pragma once

#include "pgbackend/guard.hpp"

namespace singularity::pgbackend {

class Description {
public:
    consteval Description(const char* text) : text_(text) {
        if (*text == '\0') throw "a setting says what it is for";
    }
    constexpr const char* get() const noexcept { return text_; }

private:
    const char* text_;
};

// Names, descriptions, texts and options must live as long as the process, and so must `value`.
struct BoolSetting {
    const char* name;
    Description description;
    bool* value;
    bool fallback;
    GucContext context = PGC_USERSET;
    int flags = 0;  // GUC_…: unit, visibility

    void define() const;
};

struct IntSetting {
    const char* name;
    Description description;
    int* value;
    int fallback, least, most;
    GucContext context = PGC_USERSET;
    int flags = 0;

    void define() const;
};

struct RealSetting {
    const char* name;
    Description description;
    double* value;
    double fallback, least, most;
    GucContext context = PGC_USERSET;
    int flags = 0;

    void define() const;
};

struct StringSetting {
    const char* name;
    Description description;
    char** value;
    const char* fallback;
    GucContext context = PGC_USERSET;
    int flags = 0;

    void define() const;
};

struct EnumSetting {
    const char* name;
    Description description;
    int* value;
    int fallback;
    const config_enum_entry* options;  // ended by a null name
    GucContext context = PGC_USERSET;
    int flags = 0;

    void define() const;
};

template <class... Settings>
void define_settings(const char* prefix, const Settings&... settings) {
    call([&] {
        (settings.define(), ...);
        MarkGUCPrefixReserved(prefix);
    });
}

}  // namespace singularity::pgbackend
