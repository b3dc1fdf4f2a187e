using System;
using System.Collections.Generic;
using Xunit;

namespace AhnSharp.Launcher.Tests;

/// <summary>The choice of an image, by registers as processors answer.</summary>
public class X64LevelTests
{
    private const uint Avx = 1 << 12 | 1 << 22 | 1 << 27 | 1 << 28 | 1 << 29; // leaf 1, ecx: FMA MOVBE OSXSAVE AVX F16C
    private const uint Avx2 = 1 << 3 | 1 << 5 | 1 << 8; // leaf 7, ebx: BMI1 AVX2 BMI2
    private const uint Avx512 = 1u << 16 | 1 << 17 | 1 << 28 | 1 << 30 | 1u << 31; // leaf 7, ebx: F DQ CD BW VL
    private const uint Lzcnt = 1 << 5;

    [Theory]
    [InlineData(Avx2 | Avx512, 2696u, 4)] // Zen 4
    [InlineData(Avx2 | Avx512, 832u, 3)] // the system does not save zmm
    [InlineData(Avx2 | 1u << 16, 2696u, 3)] // AVX-512F alone
    [InlineData(Avx2, 832u, 3)] // Haswell
    public void Takes_the_highest_level_of_processor_and_system(uint leaf7, uint stateBytes, int level)
    {
        (int found, IReadOnlyList<string> missing) = X64Level.Of(Cpu(leaf7, stateBytes));
        Assert.Equal(level, found);
        Assert.Empty(missing);
    }

    [Fact]
    public void Names_what_is_missing_below_AVX2()
    {
        (int level, IReadOnlyList<string> missing) = X64Level.Of(Cpu(Avx2 & ~(1u << 5), 832));
        Assert.Equal(0, level);
        Assert.Equal(["AVX2"], missing);
        Assert.Contains("ymm", Assert.Single(X64Level.Of(Cpu(Avx2, 576)).Missing), StringComparison.Ordinal);
    }

    [Fact]
    public void A_leaf_beyond_the_last_is_not_asked()
    {
        // Nehalem knows leaves to 11: leaf 13 would answer with another's bits; here leaf 7 is beyond the last.
        (int level, IReadOnlyList<string> missing) = X64Level.Of(leaf => leaf switch
        {
            0 => (6, 0, 0, 0),
            1 => (0, 0, Avx, 0),
            0x80000000 => (0x80000001, 0, 0, 0),
            0x80000001 => (0, 0, Lzcnt, 0),
            _ => (uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue),
        });
        Assert.Equal(0, level);
        Assert.Equal(["BMI1", "AVX2", "BMI2"], missing);
    }

    private static Func<uint, (uint Eax, uint Ebx, uint Ecx, uint Edx)> Cpu(uint leaf7, uint stateBytes) => leaf => leaf switch
    {
        0 => (16, 0, 0, 0),
        1 => (0, 0, Avx, 0),
        7 => (0, leaf7, 0, 0),
        13 => (7, stateBytes, 2696, 0),
        0x80000000 => (0x80000028, 0, 0, 0),
        0x80000001 => (0, 0, Lzcnt, 0),
        _ => default,
    };
}
