using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Tests.Kernels;

public sealed class KernelTableTests
{
    private static readonly GgmlType[] s_tiled =
    [
        GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q4_1, GgmlType.Q5_0, GgmlType.Q5_1, GgmlType.Q3_K, GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K,
        GgmlType.IQ4_NL, GgmlType.IQ4_XS, GgmlType.F16, GgmlType.BF16, GgmlType.F32,
    ];

    public static TheoryData<GgmlType, Isa> Tiled
    {
        get
        {
            var rows = new TheoryData<GgmlType, Isa>();
            foreach (GgmlType type in s_tiled)
            {
                foreach (Isa isa in Enum.GetValues<Isa>().Where(isa => isa != Isa.Scalar)) rows.Add(type, isa);
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Tiled))]
    public void A_format_of_the_list_has_a_tile_kernel_on_the_tier(GgmlType type, Isa isa) =>
        Assert.True(Assert.Single(KernelTable.Rows, row => row.Type == type && row.Isa == isa).IsTiled);

    [Fact]
    public void Every_format_has_one_row_on_every_tier_and_the_scalar_ones_are_portable()
    {
        IEnumerable<(GgmlType, Isa)> expected =
            from type in Enum.GetValues<GgmlType>() from isa in Enum.GetValues<Isa>() select (type, isa);
        Assert.Equal(expected.Order(), KernelTable.Rows.Select(row => (row.Type, row.Isa)).Order());
        Assert.All(KernelTable.Rows.Where(row => row.Isa == Isa.Scalar), row => Assert.False(row.IsTiled));
    }

    [Theory]
    [InlineData("avx")]
    [InlineData("AVX2")]
    [InlineData("neon_dot")]
    public void An_unknown_name_is_refused(string name)
    {
        PlatformNotSupportedException e = Assert.Throws<PlatformNotSupportedException>(() => KernelTable.Choose(name));
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
        Assert.Contains("neon-dot", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_name_chooses_what_is_detected()
    {
        Assert.Equal(KernelTable.Detected, KernelTable.Choose(null));
        Assert.Equal(KernelTable.Detected, KernelTable.Choose(""));
        Assert.Equal(Isa.Scalar, KernelTable.Choose("scalar"));
    }
}
