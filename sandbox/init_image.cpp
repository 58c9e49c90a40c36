#include "sandbox/init_image.hpp"

// SINGULARITY_SGINIT is the path that the build gives.
asm(".section .rodata\n"
    ".globl singularity_sginit_begin\n"
    ".globl singularity_sginit_end\n"
    "singularity_sginit_begin:\n"
    ".incbin \"" SINGULARITY_SGINIT
    "\"\n"
    "singularity_sginit_end:\n"
    ".previous\n");

extern "C" const char singularity_sginit_begin[], singularity_sginit_end[];

namespace singularity::sandbox {

std::string_view init_image() {
    return {singularity_sginit_begin, singularity_sginit_end};
}

}  // namespace singularity::sandbox
