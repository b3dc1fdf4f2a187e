using System;
using System.Collections.Generic;

namespace AhnSharp.Launcher;

/// <summary>The levels of the x86-64 psABI, as far as images of ahn exist for them.</summary>
internal static class X64Level
{
    // (leaf, register, bit, name): register 0 = eax … 3 = edx. Source: x86-64 psABI, "Micro-Architecture Levels"; Intel SDM, CPUID.
    private static readonly (uint Leaf, int Register, int Bit, string Name)[] s_v3 =
    [
        (1, 2, 12, "FMA"), (1, 2, 22, "MOVBE"), (1, 2, 27, "OSXSAVE"), (1, 2, 28, "AVX"), (1, 2, 29, "F16C"),
        (7, 1, 3, "BMI1"), (7, 1, 5, "AVX2"), (7, 1, 8, "BMI2"), (0x80000001, 2, 5, "LZCNT"),
    ];

    private static readonly (uint Leaf, int Register, int Bit, string Name)[] s_v4 =
    [
        (7, 1, 16, "AVX-512F"), (7, 1, 17, "AVX-512DQ"), (7, 1, 28, "AVX-512CD"), (7, 1, 30, "AVX-512BW"), (7, 1, 31, "AVX-512VL"),
    ];

    // What the system saves at a task switch: leaf 13 gives the bytes of the register sets it has switched on, 832 with ymm, 2,696 at
    // most (2,432 at least) with zmm.
    private const uint StateLeaf = 13;
    private const uint YmmStateBytes = 832, ZmmStateBytes = 2432;

    /// <summary>The highest level (3 or 4) that processor and system carry, or 0 and what is missing for 3.</summary>
    /// <param name="cpuid">The four registers of a leaf (sub-leaf 0).</param>
    internal static (int Level, IReadOnlyList<string> Missing) Of(Func<uint, (uint Eax, uint Ebx, uint Ecx, uint Edx)> cpuid)
    {
        List<string> missing = Missing(s_v3, cpuid);
        if (missing.Count == 0 && cpuid(StateLeaf).Ebx < YmmStateBytes) missing.Add("ymm registers switched on by the system");
        if (missing.Count > 0) return (0, missing);
        return (Missing(s_v4, cpuid).Count == 0 && cpuid(StateLeaf).Ebx >= ZmmStateBytes ? 4 : 3, []);
    }

    private static List<string> Missing(
        (uint Leaf, int Register, int Bit, string Name)[] wanted, Func<uint, (uint Eax, uint Ebx, uint Ecx, uint Edx)> cpuid)
    {
        List<string> missing = [];
        foreach ((uint leaf, int register, int bit, string name) in wanted)
        {
            // A leaf beyond the last answers with another leaf's bits.
            (uint eax, uint ebx, uint ecx, uint edx) = leaf <= cpuid(leaf & 0x80000000).Eax ? cpuid(leaf) : default;
            uint bits = register switch { 0 => eax, 1 => ebx, 2 => ecx, _ => edx };
            if ((bits >> bit & 1) == 0) missing.Add(name);
        }
        return missing;
    }
}
