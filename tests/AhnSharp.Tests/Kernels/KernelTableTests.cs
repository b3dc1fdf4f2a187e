using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Tests.Kernels;

public sealed class KernelTableTests
{
    [Fact]
    public void Every_format_has_one_row_on_every_tier_tiled_but_for_the_scalar_one()
    {
        IEnumerable<(GgmlType, Isa)> expected =
            from type in Enum.GetValues<GgmlType>() from isa in Enum.GetValues<Isa>() select (type, isa);
        Assert.Equal(expected.Order(), KernelTable.Rows.Select(row => (row.Type, row.Isa)).Order());
        Assert.All(KernelTable.Rows, row => Assert.Equal(row.Isa != Isa.Scalar, row.IsTiled));
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
