using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Testing;

/// <summary>A test of a tier, skipped by name where this processor lacks it.</summary>
internal sealed class TierFactAttribute : FactAttribute
{
    public TierFactAttribute(Isa isa)
    {
        if (!KernelTable.IsSupported(isa)) Skip = $"this processor lacks {KernelTable.NameOf(isa)}";
    }
}
