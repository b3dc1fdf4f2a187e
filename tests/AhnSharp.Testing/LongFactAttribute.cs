using Xunit;

namespace AhnSharp.Testing;

/// <summary>A test that takes minutes: skipped by name unless AHN_LONG_TESTS=1.</summary>
internal sealed class LongFactAttribute : FactAttribute
{
    public LongFactAttribute()
    {
        if (!LongForm.IsOn) Skip = "takes minutes: AHN_LONG_TESTS=1 runs it";
    }
}
