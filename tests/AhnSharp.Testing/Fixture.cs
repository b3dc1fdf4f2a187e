using System;
using System.IO;
using Xunit;

namespace AhnSharp.Testing;

/// <summary>Where test data lies: in the repository (never skipped), or in the optional folder <c>shared</c> beside it.</summary>
internal static class Fixture
{
    public static string Repository { get; } = FindRepository();

    /// <summary>A file under tests/AhnSharp.Testing/Fixtures, copied beside the tests; it must be there.</summary>
    public static string File(string name)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Fixtures", name);
        Assert.True(System.IO.File.Exists(path) || Directory.Exists(path),
            $"The fixture {name} is part of the repository and was not found at {path}.");
        return path;
    }

    /// <summary>A path in the shared folder, which may be missing: guard the test with <see cref="SharedFactAttribute"/>.</summary>
    public static string Shared(string name) => Path.Combine(Repository, "..", "shared", name);

    public static bool HasShared(string name) => System.IO.File.Exists(Shared(name)) || Directory.Exists(Shared(name));

    private static string FindRepository()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (System.IO.File.Exists(Path.Combine(folder, "AhnSharp.sln"))) return folder;
        }
        throw new InvalidOperationException($"No AhnSharp.sln above {AppContext.BaseDirectory}: run the tests from a clone.");
    }
}

/// <summary>A test that needs a path of the shared folder, and is skipped by name where it is missing.</summary>
public sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute(string path)
    {
        if (!Fixture.HasShared(path)) Skip = $"needs shared/{path}, which is not beside this clone";
    }
}

/// <summary>A theory that needs a path of the shared folder, and is skipped by name where it is missing.</summary>
public sealed class SharedTheoryAttribute : TheoryAttribute
{
    public SharedTheoryAttribute(string path)
    {
        if (!Fixture.HasShared(path)) Skip = $"needs shared/{path}, which is not beside this clone";
    }
}
