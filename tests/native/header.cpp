// The header is C++ too: functions link by their C names, options start from their defaults.
#include "ahnsharp.h"

#include <cstdio>

int main()
{
    ahn_generation_options generation = ahn_generation_defaults();
    ahn_model *model = nullptr;
    bool right = generation.size == sizeof generation && generation.stop == nullptr && ahn_abi_version() == AHN_ABI_VERSION
        && ahn_model_load(nullptr, nullptr, &model) == AHN_INVALID_ARGUMENT && model == nullptr;
    std::puts(right ? "header.cpp: links and runs as C++" : "header.cpp: wrong");
    return right ? 0 : 1;
}
