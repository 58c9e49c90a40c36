// What every attack is made of: one static program, `attacker NAME ARGUMENTS…`, that tries one thing and says
// what it got. It ends with kGot, kDenied or kBroken (it could not even try), so that a test tells a layer
// that held from an attack that never happened. It knows nothing of boxes: the same program attacks bare.
#pragma once

#include <span>
#include <string>

namespace attacker {

inline constexpr int kGot = 40;
inline constexpr int kDenied = 41;
inline constexpr int kBroken = 42;

using Arguments = std::span<char*>;

// Each writes one line and returns the exit code. denied() adds errno's name.
[[gnu::format(printf, 1, 2)]] int got(const char* format, ...);
int denied(const char* what);
int denied(const char* what, int error);
int broken(const char* what);

// A file-level constant of this type registers an attack by its name.
struct Command {
    const char* name;
    int (*run)(Arguments);
    const Command* next;
    Command(const char* name, int (*run)(Arguments));
};

long number(const char* text);
const char* argument(Arguments arguments, std::size_t index, const char* otherwise);
// Up to `most` bytes of the file, "" where it cannot be read (errno says why).
std::string content_of(const char* path, std::size_t most = 65536);

}  // namespace attacker
