using Xunit;

namespace AhnSharp.Testing;

/// <summary>A test of what a release build from a clone of the repository holds, and skipped by name elsewhere.</summary>
public sealed class ReleaseFactAttribute : FactAttribute
{
    public ReleaseFactAttribute()
    {
#if DEBUG
        Skip = "needs a release build (-c Release)";
#else
        if (!System.IO.Path.Exists(System.IO.Path.Combine(Fixture.Repository, ".git")))
            Skip = "needs a clone: without git no folder is replaced in what is built";
#endif
    }
}
